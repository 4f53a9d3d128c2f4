// SPDX-License-Identifier: Apache-2.0
#include "broker/topic_name.h"

#include <algorithm>

#include "base/limits.h"

namespace ledge::broker {
namespace {

constexpr auto kLengthMax = static_cast<std::size_t>(limits::topic_name_bytes_max);

bool legal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

bool topic_name_ok(std::string_view name) {
  return !name.empty() && name.size() <= kLengthMax && name != "." && name != ".." &&
         std::ranges::all_of(name, legal);
}

std::string topic_name_fault(std::string_view name) {
  const std::string quoted = "'" + std::string{name} + "'";
  std::string out = "Topic name is invalid: ";
  if (name.empty()) return out + "the empty string is not allowed";
  if (name == "." || name == "..") return out + quoted + " is not allowed";
  if (name.size() > kLengthMax) {
    return out + "the length of " + quoted + " is longer than the max allowed length " +
           std::to_string(kLengthMax);
  }
  return out + quoted + " contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
}

}  // namespace ledge::broker
