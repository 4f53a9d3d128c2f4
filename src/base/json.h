// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ledge {

/// Appends `text` as a JSON string, quotes included (RFC 8259). Control characters are escaped and bytes that
/// are not valid UTF-8 become U+FFFD, so the result is valid JSON whatever a client sent.
void append_json(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

}  // namespace ledge
