// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace ledge::admin {
namespace {

std::string busy_text() {
  Snapshot snapshot;
  snapshot.version = "0.1.0";
  snapshot.commit = "abc";
  snapshot.broker.apis = {
      {.key = 0, .name = "Produce", .requests = 3, .seconds_count = 2, .seconds_sum = 0.5},
      {.key = 1, .name = "Fetch"}};
  snapshot.broker.apis[0].seconds_buckets[0] = 2;
  snapshot.broker.errors = {{0, 5}, {3, 1}};
  return metrics_text(snapshot);
}

/// The rules of promtool check metrics, and of the exposition format.
TEST(MetricsPage, EveryMetricIsDeclaredBeforeItsSamplesAndNamedByPrometheusRules) {
  const std::regex sample(R"(([a-z_]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (NaN|[+-]?Inf|[0-9.e+-]+))");
  std::map<std::string, std::string> kinds;
  std::set<std::string> samples;
  std::istringstream text(busy_text());
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# HELP ")) {
      EXPECT_TRUE(line.ends_with('.')) << line;
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      const std::string kind = line.substr(line.find(' ', 7) + 1);
      EXPECT_TRUE(kinds.emplace(name, kind).second) << name << " is declared twice";
      EXPECT_EQ(name.ends_with("_total"), kind == "counter") << name;
      EXPECT_FALSE(std::regex_search(name, std::regex("_(ms|milliseconds|kb|mb|percent)(_|$)"))) << name;
      continue;
    }
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
    EXPECT_TRUE(samples.insert(match[1].str() + match[2].str()).second) << line << " appears twice";
    std::string name = match[1];
    if (!kinds.contains(name)) name = std::regex_replace(name, std::regex("_(bucket|sum|count)$"), "");
    EXPECT_TRUE(kinds.contains(name)) << line;
  }
  EXPECT_GT(kinds.size(), 40u);
}

TEST(MetricsPage, CountsByApiAndByErrorName) {
  const std::string text = busy_text();
  EXPECT_TRUE(text.contains("ledge_requests_total{api=\"Produce\"} 3\n"));
  EXPECT_TRUE(text.contains("ledge_request_seconds_bucket{api=\"Produce\",le=\"0.0001\"} 2\n"));
  EXPECT_FALSE(text.contains("ledge_request_seconds_bucket{api=\"Fetch\""));  // not in use: no series
  EXPECT_TRUE(text.contains("ledge_answers_total{error=\"UNKNOWN_TOPIC_OR_PARTITION\"} 1\n"));
}

TEST(MetricsPage, AnIdleServerHasFewerThanThreeHundredSeries) {
  Snapshot idle;
  idle.broker.apis.resize(11);
  const std::string text = metrics_text(idle);
  std::size_t series = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) series += !line.starts_with('#');
  EXPECT_LT(series, 300u);
}

}  // namespace
}  // namespace ledge::admin
