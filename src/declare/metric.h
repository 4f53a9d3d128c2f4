// SPDX-License-Identifier: Apache-2.0
// One row per metric: name, kind, help, labels with their bound, and how to read it. The rows give the
// Prometheus text (exposition format 0.0.4) and the generated reference. Source is whatever the caller
// gathers; this folder knows none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ledge::declare {

enum class MetricKind : std::uint8_t { Counter, Gauge, Histogram };

/// Prometheus' naming law: PREFIX_NOUN_UNIT, base units, _total at the end of counters and nowhere else.
struct MetricRow {
  std::string_view name;
  MetricKind kind = MetricKind::Gauge;
  std::string_view help = {};    // one sentence
  std::string_view labels = {};  // "api: one of 11; code: one of the error codes"; every label has a bound
};

struct MetricLabel {
  std::string_view name;
  std::string_view value;
};
using MetricLabels = std::initializer_list<MetricLabel>;

/// Collects the samples of one row after another.
class MetricText {
 public:
  /// Writes HELP and TYPE; samples that follow belong to `row`.
  void begin(const MetricRow& row);
  void value(std::uint64_t number, MetricLabels labels = {});
  void value(double number, MetricLabels labels = {});
  /// `counts`: observations at or below each of `bounds` and above the one before; the last one is above them
  /// all.
  void histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum,
                 MetricLabels labels = {});
  std::string take() { return std::move(out_); }

 private:
  void sample(std::string_view suffix, MetricLabels labels, std::string_view le, std::string_view number);
  std::string_view name_;
  std::string out_;
};

template <class Source> struct Metric {
  MetricRow row;
  void (*read)(const Source& source, MetricText& text);
};

template <class Source>
std::string metrics_text(std::span<const Metric<Source>> metrics, const Source& source) {
  MetricText text;
  for (const Metric<Source>& metric : metrics) {
    text.begin(metric.row);
    metric.read(source, text);
  }
  return text.take();
}

/// One line of the Markdown table of docs/reference/metrics.md.
std::string metric_reference(const MetricRow& row);

}  // namespace ledge::declare
