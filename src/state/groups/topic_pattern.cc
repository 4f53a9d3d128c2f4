// SPDX-License-Identifier: Apache-2.0
#include "state/groups/topic_pattern.h"

#include <re2/re2.h>

#include "base/limits.h"

namespace ledge::state {

struct TopicPattern::Compiled {
  explicit Compiled(const std::string& text) : expression(text, options()) {}
  static RE2::Options options() {
    RE2::Options out;
    out.set_max_mem(limits::group_regex_memory_bytes_max);
    out.set_log_errors(false);
    out.set_never_capture(true);
    return out;
  }
  RE2 expression;
};

TopicPattern::TopicPattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
TopicPattern::TopicPattern(TopicPattern&&) noexcept = default;
TopicPattern& TopicPattern::operator=(TopicPattern&&) noexcept = default;
TopicPattern::~TopicPattern() = default;

Result<TopicPattern> TopicPattern::compile(const std::string& text) {
  if (std::cmp_greater(text.size(), limits::group_regex_bytes_max))
    return fail(ErrorCode::InvalidRegularExpression,
                "longer than " + std::to_string(limits::group_regex_bytes_max) + " bytes");
  auto compiled = std::make_unique<Compiled>(text);
  if (!compiled->expression.ok())
    return fail(ErrorCode::InvalidRegularExpression, compiled->expression.error());
  return TopicPattern{std::move(compiled)};
}

bool TopicPattern::matches(std::string_view topic) const {
  return RE2::FullMatch(re2::StringPiece{topic.data(), topic.size()}, compiled_->expression);
}

}  // namespace ledge::state
