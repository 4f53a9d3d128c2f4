// SPDX-License-Identifier: Apache-2.0
#include "declare/metric.h"

#include <gtest/gtest.h>

#include <array>

namespace ledge::declare {
namespace {

constexpr std::array<double, 2> kBounds{0.001, 2};

struct Numbers {
  std::uint64_t requests = 3;
  double ratio = 0.25;
  std::array<std::uint64_t, 3> took{};
};

constexpr Metric<Numbers> kRows[] = {
    {{.name = "x_requests_total", .kind = MetricKind::Counter, .help = "Requests with \\ and\nlines."},
     [](const Numbers& n, MetricText& t) {
       t.value(n.requests, {{"api", "a\"b\\c\nd"}, {"code", "0"}});
     }},
    {{.name = "x_ratio", .help = "A ratio."}, [](const Numbers& n, MetricText& t) { t.value(n.ratio); }},
    {{.name = "x_took_seconds", .kind = MetricKind::Histogram, .help = "Time."},
     [](const Numbers& n, MetricText& t) {
       t.histogram(kBounds, n.took, 1.5, {{"op", "sync"}});
     }},
};

TEST(Metrics, WriteHelpTypeAndEscapedSamples) {
  const std::string text = metrics_text<Numbers>(std::span{kRows}.first(2), {});
  EXPECT_EQ(text,
            "# HELP x_requests_total Requests with \\\\ and\\nlines.\n"
            "# TYPE x_requests_total counter\n"
            "x_requests_total{api=\"a\\\"b\\\\c\\nd\",code=\"0\"} 3\n"
            "# HELP x_ratio A ratio.\n"
            "# TYPE x_ratio gauge\n"
            "x_ratio 0.25\n");
}

TEST(Metrics, HistogramBucketsAreCumulativeAndEndInInfinity) {
  Numbers n;
  n.took = {1, 2, 4};
  EXPECT_EQ(metrics_text<Numbers>(std::span{kRows}.last(1), n),
            "# HELP x_took_seconds Time.\n"
            "# TYPE x_took_seconds histogram\n"
            "x_took_seconds_bucket{op=\"sync\",le=\"0.001\"} 1\n"
            "x_took_seconds_bucket{op=\"sync\",le=\"2\"} 3\n"
            "x_took_seconds_bucket{op=\"sync\",le=\"+Inf\"} 7\n"
            "x_took_seconds_sum{op=\"sync\"} 1.5\n"
            "x_took_seconds_count{op=\"sync\"} 7\n");
}

}  // namespace
}  // namespace ledge::declare
