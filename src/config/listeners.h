// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/net.h"

namespace ledge::config {

/// One element of `listeners` or `advertised.listeners`.
struct NamedEndpoint {
  std::string name;  // "PLAINTEXT"
  os::Endpoint at;
  bool operator==(const NamedEndpoint&) const = default;
};

/// "HOST:PORT", "[::1]:9092", ":9092" (all addresses).
Result<os::Endpoint> parse_endpoint(std::string_view text);

/// "NAME://HOST:PORT" or "HOST:PORT" (name PLAINTEXT). Names are unique within a list.
Result<std::vector<NamedEndpoint>> parse_named_endpoints(const std::vector<std::string>& texts);

bool is_loopback(std::string_view host);
/// "", "0.0.0.0" and "::": every address of the machine.
bool is_wildcard(std::string_view host);

}  // namespace ledge::config
