// SPDX-License-Identifier: Apache-2.0
// Private to os/.
#pragma once

#include <memory>

#include "os/net.h"
#include "os/real_loop.h"

namespace ledge::os {
/// Takes over a connected, non-blocking socket.
std::unique_ptr<Connection> make_real_connection(RealLoop& loop, int socket, Endpoint peer);
}  // namespace ledge::os
