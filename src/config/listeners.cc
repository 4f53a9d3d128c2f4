// SPDX-License-Identifier: Apache-2.0
#include "config/listeners.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace ledge::config {
namespace {

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(ErrorCode::BadOption, "'" + std::string{text} + "' " + std::string{why});
}

bool is_host(std::string_view host) {
  return host.size() <= 255 && std::ranges::all_of(host, [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
         });
}

}  // namespace

Result<os::Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return refuse(text, "has no port; write HOST:PORT");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (bad != std::errc{} || end != digits.data() + digits.size())
    return refuse(text, "has no port from 0 to 65535");
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return refuse(text, "has a bracket too many or too few");
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return refuse(text, "is an IPv6 address without brackets; write [ADDRESS]:PORT");
  }
  if (!is_host(host)) return refuse(text, "has a host that is neither a name nor an address");
  return os::Endpoint{std::string{host}, port};
}

Result<std::vector<NamedEndpoint>> parse_named_endpoints(const std::vector<std::string>& texts) {
  std::vector<NamedEndpoint> out;
  for (const std::string& text : texts) {
    const std::size_t slashes = text.find("://");
    NamedEndpoint one{.name = slashes == text.npos ? "PLAINTEXT" : text.substr(0, slashes), .at = {}};
    if (one.name.empty()) return refuse(text, "has an empty listener name");
    TRY(one.at, parse_endpoint(slashes == text.npos ? text : text.substr(slashes + 3)));
    if (std::ranges::find(out, one.name, &NamedEndpoint::name) != out.end()) {
      return refuse(text, "uses the listener name " + one.name + " a second time");
    }
    out.push_back(std::move(one));
  }
  return out;
}

bool is_loopback(std::string_view host) {
  const bool literal = host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || host == "::1" || (literal && host.starts_with("127."));
}

bool is_wildcard(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

}  // namespace ledge::config
