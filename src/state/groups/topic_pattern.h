// SPDX-License-Identifier: Apache-2.0
// A subscription by regular expression: RE2's syntax, as Kafka 4 resolves it in the broker. Matching takes
// time linear in the name and bounded memory, whatever the expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge::state {

class TopicPattern {
 public:
  /// InvalidRegularExpression with the reason; also for one that is too long or would compile to too much.
  static Result<TopicPattern> compile(const std::string& text);
  TopicPattern(TopicPattern&&) noexcept;
  TopicPattern& operator=(TopicPattern&&) noexcept;
  ~TopicPattern();

  /// The whole name matches.
  bool matches(std::string_view topic) const;

 private:
  struct Compiled;
  explicit TopicPattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace ledge::state
