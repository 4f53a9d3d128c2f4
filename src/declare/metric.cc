// SPDX-License-Identifier: Apache-2.0
#include "declare/metric.h"

#include <charconv>
#include <cmath>

#include "base/check.h"

namespace ledge::declare {
namespace {

std::string_view kind_name(MetricKind kind) {
  switch (kind) {
    case MetricKind::Counter: return "counter";
    case MetricKind::Gauge: return "gauge";
    case MetricKind::Histogram: return "histogram";
  }
  return "untyped";
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  char buffer[40];
  const bool plain =
      number == 0 || (std::abs(number) >= 1e-6 && std::abs(number) < 1e15);  // 0.0001, not 1e-04
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, bad] = std::to_chars(buffer, buffer + sizeof buffer, number, format);
  return {buffer, bad == std::errc{} ? end : buffer};
}

}  // namespace

void MetricText::begin(const MetricRow& row) {
  name_ = row.name;
  out_ += "# HELP ";
  out_ += row.name;
  out_ += ' ';
  append_escaped(out_, row.help, false);
  out_ += "\n# TYPE ";
  out_ += row.name;
  out_ += ' ';
  out_ += kind_name(row.kind);
  out_ += '\n';
}

void MetricText::sample(std::string_view suffix, MetricLabels labels, std::string_view le,
                        std::string_view number) {
  out_ += name_;
  out_ += suffix;
  char before = '{';
  const auto label = [&](std::string_view name, std::string_view value) {
    out_ += before;
    out_ += name;
    out_ += "=\"";
    append_escaped(out_, value, true);
    out_ += '"';
    before = ',';
  };
  for (const MetricLabel& l : labels) label(l.name, l.value);
  if (!le.empty()) label("le", le);
  if (before == ',') out_ += '}';
  out_ += ' ';
  out_ += number;
  out_ += '\n';
}

void MetricText::value(std::uint64_t number, MetricLabels labels) {
  sample("", labels, "", std::to_string(number));
}
void MetricText::value(double number, MetricLabels labels) { sample("", labels, "", number_text(number)); }

void MetricText::histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum,
                           MetricLabels labels) {
  CHECK(counts.size() == bounds.size() + 1);
  std::uint64_t below = 0;
  for (std::size_t b = 0; b < counts.size(); ++b) {
    below += counts[b];
    sample("_bucket", labels, b < bounds.size() ? number_text(bounds[b]) : "+Inf", std::to_string(below));
  }
  sample("_sum", labels, "", number_text(sum));
  sample("_count", labels, "", std::to_string(below));
}

std::string metric_reference(const MetricRow& row) {
  return "| `" + std::string{row.name} + "` | " + std::string{kind_name(row.kind)} + " | " +
         (row.labels.empty() ? "" : std::string{row.labels}) + " | " + std::string{row.help} + " |\n";
}

}  // namespace ledge::declare
