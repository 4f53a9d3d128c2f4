// SPDX-License-Identifier: Apache-2.0
#include "os/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <string_view>

namespace ledge::os {

std::string Endpoint::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void SocketAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
  if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
}

Endpoint SocketAddress::endpoint() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    return {text, ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  return {text, ntohs(v4.sin_port)};
}

Result<std::vector<SocketAddress>> resolve_address(const Endpoint& endpoint, Resolve how) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (how == Resolve::Numeric ? AI_NUMERICHOST : AI_PASSIVE);
  const std::string port = std::to_string(endpoint.port);
  addrinfo* found = nullptr;
  const int problem =
      getaddrinfo(endpoint.host.empty() ? nullptr : endpoint.host.c_str(), port.c_str(), &hints, &found);
  if (problem != 0) return fail(ErrorCode::ConnectionFailed, endpoint.text() + ": " + gai_strerror(problem));
  std::vector<SocketAddress> out;
  for (addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress& address = out.emplace_back();
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
  }
  freeaddrinfo(found);
  return out;
}

SocketAddress local_address(int socket) {
  SocketAddress out;
  out.length = sizeof out.storage;
  getsockname(socket, out.get(), &out.length);
  return out;
}

}  // namespace ledge::os
