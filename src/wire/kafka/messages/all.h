// SPDX-License-Identifier: Apache-2.0
// Every declared message, for whatever treats all of them alike: check-wire, the reference, tests and
// fuzzing.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

enum class MessageKind : std::uint8_t { Request, Response, Header };

struct MessageInfo {
  Api api;
  MessageKind kind;
  const declare::Struct& (*declaration)();
  std::shared_ptr<void> (*make)();  // a new one, as constructed
};

/// Sorted by key, the request before the response; the two headers first.
std::span<const MessageInfo> all_messages();

/// The API of this key, nullptr if it is not declared. Declared is not served: what is served is the broker's
/// matter.
const Api* find_api(std::int16_t key);

/// docs/reference/wire.md: every message, its fields and versions.
std::string wire_reference();
/// The declarations as Kafka writes them down, one JSON object: message name to definition.
std::string wire_definitions();

}  // namespace ledge::kafka
