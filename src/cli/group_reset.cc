// SPDX-License-Identifier: Apache-2.0
#include "cli/group_reset.h"

#include <algorithm>
#include <charconv>

#include "cli/start_offset.h"

namespace ledge::cli {
namespace {

template <typename T> std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string place(const client::TopicPartition& of) {
  return "topic " + of.topic + ", partition " + std::to_string(of.partition);
}

}  // namespace

Result<TopicChoice> parse_topic_choice(std::string_view text) {
  const std::size_t colon = text.find(':');
  TopicChoice choice{std::string{text.substr(0, colon)}, {}};
  std::string_view rest = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
  bool good = !choice.topic.empty() && (colon == text.npos || !rest.empty());
  while (good && !rest.empty()) {
    const std::size_t comma = rest.find(',');
    const auto partition = number<std::int32_t>(rest.substr(0, comma));
    good = partition && *partition >= 0 && comma != rest.size() - 1;
    if (good) choice.partitions.push_back(*partition);
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  if (!good)
    return fail(ErrorCode::BadOption, "--topic takes TOPIC or TOPIC:0,1,2, not '" + std::string{text} + "'");
  std::ranges::sort(choice.partitions);
  const auto twice = std::ranges::unique(choice.partitions);
  choice.partitions.erase(twice.begin(), twice.end());
  return choice;
}

Result<std::int64_t> parse_reset_time(std::string_view text, WallMs now) {
  if (text.starts_with('@'))
    if (const auto at = parse_start_offset(text, now)) return at->value;
  return fail(ErrorCode::BadOption,
              "--to-time takes @MILLISECONDS, @-90s, @-15m, @-2h or @-7d, not '" + std::string{text} + "'");
}

Result<OffsetMap> parse_offset_file(std::string_view text) {
  OffsetMap offsets;
  int line_number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto wrong = [&](std::string_view why) {
      return fail(ErrorCode::BadOption, "line " + std::to_string(line_number) + " " + std::string{why} +
                                            ": '" + std::string{line.substr(0, 200)} + "'");
    };
    const std::size_t first = line.find(',');
    const std::size_t second = first == line.npos ? line.npos : line.find(',', first + 1);
    if (second == line.npos) return wrong("is not topic,partition,offset");
    std::string_view topic = line.substr(0, first);
    if (topic.size() >= 2 && topic.starts_with('"') && topic.ends_with('"'))
      topic = topic.substr(1, topic.size() - 2);
    const auto partition = number<std::int32_t>(line.substr(first + 1, second - first - 1));
    const auto offset = number<std::int64_t>(line.substr(second + 1));
    if (topic.empty() || !partition || *partition < 0 || !offset || *offset < 0)
      return wrong("is not topic,partition,offset");
    if (!offsets.emplace(client::TopicPartition{std::string{topic}, *partition}, *offset).second)
      return wrong("names a partition for the second time");
  }
  if (offsets.empty()) return fail(ErrorCode::BadOption, "the file holds no offset");
  return offsets;
}

Result<std::int64_t> reset_offset(const ResetTo& to, const ResetSubject& subject, const OffsetMap& file) {
  using Kind = ResetTo::Kind;
  std::int64_t wanted = 0;
  switch (to.kind) {
    case Kind::Earliest: wanted = subject.start; break;
    case Kind::Latest: wanted = subject.end; break;
    case Kind::Offset: wanted = to.value; break;
    case Kind::Time: wanted = subject.at_time.value_or(subject.end); break;
    case Kind::File: {
      const auto found = file.find(subject.of);
      CHECK(found != file.end());
      wanted = found->second;
      break;
    }
    case Kind::Shift:
      if (!subject.committed)
        return fail(ErrorCode::BadOption, place(subject.of) + ": nothing is committed that could be shifted");
      if (__builtin_add_overflow(*subject.committed, to.value, &wanted))
        wanted = to.value < 0 ? INT64_MIN : INT64_MAX;
      break;
  }
  return std::clamp(wanted, subject.start, std::max(subject.start, subject.end));
}

}  // namespace ledge::cli
