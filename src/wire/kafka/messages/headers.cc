// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/headers.h"

#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/all.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

namespace {

bool flexible(std::int16_t api_key, std::int16_t api_version) {
  const Api* api = find_api(api_key);
  return api != nullptr && api->serves(api_version) && api->format(api_version).flexible;
}

}  // namespace

const declare::Struct& RequestHeader::declaration() {
  using T = RequestHeader;
  static constexpr std::array rows{
      field<&T::api_key>("RequestApiKey", "0+", "Which API this is a request of."),
      field<&T::api_version>("RequestApiVersion", "0+", "The version of the API."),
      field<&T::correlation_id>("CorrelationId", "0+", "Comes back with the response."),
      field<&T::client_id>("ClientId", "1+", "What the client calls itself.").nullable("1+").classic(),
  };
  static constexpr auto self = structure<T>("RequestHeader", rows);
  return self;
}

const declare::Struct& ResponseHeader::declaration() {
  using T = ResponseHeader;
  static constexpr std::array rows{
      field<&T::correlation_id>("CorrelationId", "0+", "That of the request."),
  };
  static constexpr auto self = structure<T>("ResponseHeader", rows);
  return self;
}

std::int16_t request_header_version(std::int16_t api_key, std::int16_t api_version) {
  return flexible(api_key, api_version) ? 2 : 1;
}

std::int16_t response_header_version(std::int16_t api_key, std::int16_t api_version) {
  return flexible(api_key, api_version) && api_key != ApiVersionsResponse::api.key ? 1 : 0;
}

Result<RequestHeader> decode_request_header(const SharedBytes& frame, std::size_t* header_bytes) {
  ByteReader peek(frame.view());
  const auto key = peek.be<std::int16_t>();
  const auto version = peek.be<std::int16_t>();
  std::size_t left_over = 0;
  auto header = decode<RequestHeader>(frame, request_header_version(key, version), &left_over);
  if (header) *header_bytes = frame.size() - left_over;
  return header;
}

void encode_request_header(ByteWriter& out, const RequestHeader& header) {
  const std::int16_t version = request_header_version(header.api_key, header.api_version);
  declare::encode_to(out, RequestHeader::declaration(), &header, RequestHeader::api.format(version));
}

Result<std::int32_t> decode_response_header(const SharedBytes& frame, std::int16_t api_key,
                                            std::int16_t api_version, std::size_t* header_bytes) {
  std::size_t left_over = 0;
  TRY(const ResponseHeader header,
      decode<ResponseHeader>(frame, response_header_version(api_key, api_version), &left_over));
  *header_bytes = frame.size() - left_over;
  return header.correlation_id;
}

void encode_response_header(ByteWriter& out, std::int32_t correlation_id, std::int16_t api_key,
                            std::int16_t api_version) {
  const ResponseHeader header{.correlation_id = correlation_id};
  const std::int16_t version = response_header_version(api_key, api_version);
  declare::encode_to(out, ResponseHeader::declaration(), &header, ResponseHeader::api.format(version));
}

}  // namespace ledge::kafka
