// SPDX-License-Identifier: Apache-2.0
// From the operator's options to those of each folder.
#pragma once

#include "broker/broker.h"
#include "config/load.h"
#include "server/server.h"
#include "store/store.h"

namespace ledge::app {

store::Options store_options(const config::ServeOptions& options);
broker::Options broker_options(const config::Loaded& loaded);
server::Options server_options(const config::Loaded& loaded);

}  // namespace ledge::app
