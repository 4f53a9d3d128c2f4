// SPDX-License-Identifier: Apache-2.0
// What stands between a frame's length and a message's body. Request header 1 has a client id; header 2, used
// by flexible versions, adds tagged fields and keeps the client id in its classic encoding. Response header 1
// is the correlation id with tagged fields, for flexible versions of every API but ApiVersions, whose
// responses have header 0 always: the client does not know yet what the server understands (KIP-511).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct RequestHeader {
  static constexpr Api api{.name = "RequestHeader", .min_version = 1, .max_version = 2, .first_flexible = 2};

  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = std::string{};

  static const declare::Struct& declaration();
};

struct ResponseHeader {
  static constexpr Api api{.name = "ResponseHeader", .min_version = 0, .max_version = 1, .first_flexible = 1};

  std::int32_t correlation_id = 0;

  static const declare::Struct& declaration();
};

/// The version of the headers; an API or version that is not declared has the plain ones.
std::int16_t request_header_version(std::int16_t api_key, std::int16_t api_version);
std::int16_t response_header_version(std::int16_t api_key, std::int16_t api_version);

/// Reads the header at the front of a frame (its length already cut off); `header_bytes` gets where the body
/// begins. Of an API or version that is not declared only what header 1 has is read.
Result<RequestHeader> decode_request_header(const SharedBytes& frame, std::size_t* header_bytes);
/// The header's api_key and api_version say which header version it is.
void encode_request_header(ByteWriter& out, const RequestHeader& header);

/// The correlation id; the key and version are those of the request that is answered.
Result<std::int32_t> decode_response_header(const SharedBytes& frame, std::int16_t api_key,
                                            std::int16_t api_version, std::size_t* header_bytes);
void encode_response_header(ByteWriter& out, std::int32_t correlation_id, std::int16_t api_key,
                            std::int16_t api_version);

}  // namespace ledge::kafka
