// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ledge::broker {

/// Kafka's rule: 1 to 249 of [a-zA-Z0-9._-], and neither "." nor "..".
bool topic_name_ok(std::string_view name);
/// What is wrong with a name that is not ok, in Kafka's words.
std::string topic_name_fault(std::string_view name);

}  // namespace ledge::broker
