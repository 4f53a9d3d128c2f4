// SPDX-License-Identifier: Apache-2.0
// ApiVersions: what is served, for clients of every age.
#include "wire/kafka/messages/18_api_versions.h"

#include <gtest/gtest.h>

#include "broker/api/table.h"
#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;
using testing::flat;

TEST_F(BrokerTest, ApiVersionsNamesWhatTheTableServes) {
  ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  give(request, 4);
  const auto response = take<ApiVersionsResponse>(4, false);
  EXPECT_EQ(response.error_code, 0);
  ASSERT_EQ(response.api_keys.size(), api_rows().size());
  EXPECT_EQ(response.api_keys[0].min_version, 0) << "produce is named from 0 on, for old clients";
  EXPECT_EQ(response.api_keys[0].max_version, 13);
  EXPECT_EQ(response.api_keys[1].min_version, 4);
  ASSERT_EQ(response.finalized_features.size(), 2u);
  EXPECT_EQ(response.finalized_features[0].name, "group.version");
  EXPECT_EQ(response.finalized_features[0].max_version_level, 1)
      << "consumers of the new protocol look for it";
  EXPECT_EQ(response.finalized_features[1].name, "metadata.version");
  EXPECT_EQ(response.supported_features.size(), 2u);
  give(request, 3);
  EXPECT_EQ(take<ApiVersionsResponse>(3, false).supported_features.size(), 1u)
      << "a lowest level of 0 is new in 4";
}

TEST_F(BrokerTest, ApiVersionsOfTheFutureIsAnsweredInVersionZeroWithItsOwnRange) {
  give(frame(18, 99, true, Chain{SharedBytes::copy(as_bytes("who knows what"))}));
  ASSERT_EQ(sink_->answers.size(), 1u);
  const Bytes expected = {0, 0, 0, 16, 0, 0, 0x12, 0x67, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4};
  EXPECT_EQ(flat(sink_->answers[0]), expected);
}

TEST_F(BrokerTest, ApiVersionsRefusesSoftwareNamesThatCouldHarmALog) {
  ApiVersionsRequest request;
  request.client_software_version = "1";
  for (const char* name : {"", "-x", "x-", "a b", "x\n", "\xc3\xa9"}) {
    request.client_software_name = name;
    give(request, 3);
    const auto response = take<ApiVersionsResponse>(3, false);
    EXPECT_EQ(response.error_code, 42) << name;
    EXPECT_TRUE(response.api_keys.empty());
  }
}

}  // namespace
}  // namespace ledge::broker
