// SPDX-License-Identifier: Apache-2.0
// Private to os/.
#pragma once

#include <memory>

#include "os/net.h"
#include "os/real_loop.h"

namespace ledge::os {
std::unique_ptr<Net> make_real_net(RealLoop& loop);
}  // namespace ledge::os
