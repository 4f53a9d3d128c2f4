// SPDX-License-Identifier: Apache-2.0
// Bytes put together by hand from the protocol guide, so that a mistake that reading and writing share is
// seen.
#include <gtest/gtest.h>

#include <initializer_list>

#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::kafka {
namespace {

/// "00 12 'ab'": hexadecimal bytes and quoted text.
Bytes bytes(std::string_view spelled) {
  Bytes out;
  for (std::size_t i = 0; i < spelled.size(); ++i) {
    if (spelled[i] == ' ' || spelled[i] == '\n') continue;
    if (spelled[i] == '\'') {
      for (++i; spelled[i] != '\''; ++i) out.push_back(static_cast<std::uint8_t>(spelled[i]));
      continue;
    }
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string{spelled.substr(i, 2)}, nullptr, 16)));
    ++i;
  }
  return out;
}

Bytes flat(const Chain& chain) {
  Bytes out;
  for (const ChainPiece& piece : chain.pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    out.insert(out.end(), view.begin(), view.end());
  }
  return out;
}

template <class M> void expect_both_ways(const M& message, std::int16_t version, std::string_view spelled) {
  const Bytes golden = bytes(spelled);
  EXPECT_EQ(flat(encode(message, version)), golden);
  EXPECT_EQ(encoded_size(message, version), golden.size());
  std::size_t left_over = 99;
  const auto decoded = decode<M>(SharedBytes::copy(golden), version, &left_over);
  ASSERT_TRUE(decoded) << decoded.error().text();
  EXPECT_EQ(left_over, 0u);
  EXPECT_TRUE(equal(*decoded, message));
}

TEST(GoldenBytes, ApiVersionsRequestOfVersion3) {
  ApiVersionsRequest request;
  request.client_software_name = "ab";
  request.client_software_version = "1.0";
  expect_both_ways(request, 3, "03 'ab' 04 '1.0' 00");
  expect_both_ways(ApiVersionsRequest{}, 0, "");
}

TEST(GoldenBytes, ApiVersionsResponseOfVersion0AndWithTagsOfVersion3) {
  ApiVersionsResponse response;
  response.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 4});
  response.error_code = 35;
  expect_both_ways(response, 0, "00 23  00 00 00 01  00 12 00 00 00 04");

  response.error_code = 0;
  response.supported_features.push_back({.name = "f", .min_version = 1, .max_version = 2});
  response.finalized_features_epoch = 7;
  expect_both_ways(response, 3,
                   "00 00  02 00 12 00 00 00 04 00  00 00 00 00"
                   "02  00 08  02 02 'f' 00 01 00 02 00  01 08  00 00 00 00 00 00 00 07");
}

TEST(GoldenBytes, MetadataRequestAsksForAllByNullAndForNoneByEmpty) {
  MetadataRequest request;
  request.topics.reset();
  expect_both_ways(request, 1, "ff ff ff ff");
  expect_both_ways(request, 12, "00 01 00 00");
  request.topics.emplace();
  expect_both_ways(request, 1, "00 00 00 00");
  request.topics->emplace_back().name = "t";
  request.topics->back().topic_id.bytes[15] = 9;
  expect_both_ways(request, 12, "02  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 09 02 't' 00  01 00 00");
}

TEST(GoldenBytes, ProduceRequestOfVersion3And9SharesTheFrame) {
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30000;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "tt";
  topic.partition_data.push_back({.index = 5, .records = Chain{SharedBytes::take(bytes("aa bb cc"))}});
  expect_both_ways(request, 3,
                   "ff ff  ff ff  00 00 75 30  00 00 00 01  00 02 'tt'  00 00 00 01"
                   "00 00 00 05  00 00 00 03 aa bb cc");
  expect_both_ways(request, 9,
                   "00  ff ff  00 00 75 30  02  03 'tt'  02  00 00 00 05  04 aa bb cc 00  00  00");

  const SharedBytes frame = SharedBytes::take(flat(encode(request, 9)));
  const auto decoded = decode<ProduceRequest>(frame, 9);
  ASSERT_TRUE(decoded);
  const Chain& records = *decoded->topic_data[0].partition_data[0].records;
  ASSERT_EQ(records.pieces().size(), 1u);
  EXPECT_EQ(std::get<SharedBytes>(records.pieces()[0]).view().data(), frame.view().data() + frame.size() - 6);
}

TEST(GoldenBytes, FetchRequestOfVersion16WithReplicaStateAsATag) {
  FetchRequest request;
  request.replica_state = {.replica_id = 2, .replica_epoch = 3};
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  request.max_bytes = 2;
  expect_both_ways(request, 16,
                   "00 00 01 f4  00 00 00 01  00 00 00 02  00  00 00 00 00  ff ff ff ff  01 01 01"
                   "01  01 0d  00 00 00 02 00 00 00 00 00 00 00 03 00");
}

TEST(GoldenBytes, RequestHeadersOfVersions1And2) {
  ByteWriter plain;
  encode_request_header(plain, {.api_key = 3, .api_version = 8, .correlation_id = 7, .client_id = "me"});
  EXPECT_EQ(plain.take(), bytes("00 03 00 08 00 00 00 07 00 02 'me'"));
  ByteWriter flexible;
  encode_request_header(flexible,
                        {.api_key = 3, .api_version = 9, .correlation_id = 7, .client_id = std::nullopt});
  EXPECT_EQ(flexible.view().size(), 11u);
  EXPECT_EQ(flexible.take(), bytes("00 03 00 09 00 00 00 07 ff ff 00"));
}

TEST(GoldenBytes, RequestHeaderSkipsUnknownTagsAndSaysWhereTheBodyBegins) {
  std::size_t header_bytes = 0;
  const auto header = decode_request_header(
      SharedBytes::take(bytes("00 03 00 09 00 00 00 07 00 01 'c'  02 05 02 aa bb 09 00  ee ee")),
      &header_bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header_bytes, 18u);
  EXPECT_EQ(header->client_id, "c");
  EXPECT_EQ(header->correlation_id, 7);
}

TEST(GoldenBytes, RequestHeaderOfAnUnknownApiOrVersionIsReadWithoutTags) {
  for (const char* frame : {"7f ff 00 00 00 00 00 07 ff ff 55", "00 12 00 63 00 00 00 07 ff ff 55"}) {
    std::size_t header_bytes = 0;
    const auto header = decode_request_header(SharedBytes::take(bytes(frame)), &header_bytes);
    ASSERT_TRUE(header);
    EXPECT_EQ(header_bytes, 10u);
  }
}

TEST(GoldenBytes, ResponseHeaderOfApiVersionsIsAlwaysPlain) {
  ByteWriter api_versions;
  encode_response_header(api_versions, 7, 18, 3);
  EXPECT_EQ(api_versions.take(), bytes("00 00 00 07"));
  ByteWriter metadata;
  encode_response_header(metadata, 7, 3, 9);
  EXPECT_EQ(metadata.view().size(), 5u);
  std::size_t header_bytes = 0;
  EXPECT_EQ(decode_response_header(SharedBytes::take(metadata.take()), 3, 9, &header_bytes), 7);
  EXPECT_EQ(header_bytes, 5u);
}

}  // namespace
}  // namespace ledge::kafka
