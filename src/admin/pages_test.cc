// SPDX-License-Identifier: Apache-2.0
#include "admin/pages.h"

#include <gtest/gtest.h>

namespace ledge::admin {
namespace {

HttpResponse get(std::string path, Error health = {}) {
  return pages({.health = [health] { return health; }, .metrics = [] { return std::string{"m 1\n"}; }})(
      {.method = "GET", .path = std::move(path)});
}

TEST(Pages, HealthIsAboutTheProcessOnly) {
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/healthz", {ErrorCode::JournalPoisoned, "fdatasync: EIO"}).status, 200);
}

TEST(Pages, ReadyIs503WithTheReasonWhenNothingIsAccepted) {
  EXPECT_EQ(get("/readyz").status, 200);
  const HttpResponse poisoned = get("/readyz", {ErrorCode::JournalPoisoned, "fdatasync: EIO"});
  EXPECT_EQ(poisoned.status, 503);
  EXPECT_EQ(poisoned.body, "not ready: JOURNAL_POISONED: fdatasync: EIO\n");
}

TEST(Pages, MetricsCarryTheFormatsVersion) {
  EXPECT_EQ(get("/metrics").body, "m 1\n");
  EXPECT_EQ(get("/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Pages, AnythingElseIs404) { EXPECT_EQ(get("/admin").status, 404); }

}  // namespace
}  // namespace ledge::admin
