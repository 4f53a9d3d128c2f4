// SPDX-License-Identifier: Apache-2.0
// Seeded doubles of os/, for tests.
#pragma once

#include "sim/disk.h"
#include "sim/net.h"
#include "sim/random.h"
#include "sim/world.h"
