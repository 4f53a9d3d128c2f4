// SPDX-License-Identifier: Apache-2.0
// Private to os/: endpoints as socket addresses.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "base/result.h"
#include "os/net.h"

namespace ledge::os {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  void set_port(std::uint16_t port);
  /// In numbers; an IPv4 address that arrived at an IPv6 socket is given as the IPv4 address.
  Endpoint endpoint() const;
};

enum class Resolve { Numeric, Listen };
/// Numeric never blocks and fails for names; Listen may ask a name server and knows the empty host.
Result<std::vector<SocketAddress>> resolve_address(const Endpoint& endpoint, Resolve how);

SocketAddress local_address(int socket);

}  // namespace ledge::os
