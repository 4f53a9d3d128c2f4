// SPDX-License-Identifier: Apache-2.0
// What the records of topics have in common (docs/formats/state.md). Private to the topic machine.
#pragma once

#include <utility>

#include "state/record.h"
#include "state/topic_config.h"

namespace ledge::state {

inline void write_overrides(RecordWriter& out, const TopicOverrides& overrides) {
  out.uvarlong(overrides.size());
  for (const auto& [key, value] : overrides) {
    out.string(key);
    out.string(value);
  }
}

inline TopicOverrides read_overrides(RecordReader& in) {
  TopicOverrides out;
  for (std::size_t n = in.count(2); n > 0; --n) {
    std::string key = in.string();
    out[std::move(key)] = in.string();
  }
  return out;
}

/// Of a record: a key that is not known was written by a newer program.
inline Result<void> check_read_overrides(const TopicOverrides& overrides) {
  for (const auto& [key, value] : overrides) {
    const TopicConfigRow* row = find_topic_config(key);
    if (row == nullptr) return fail(ErrorCode::WrongFormatVersion, "unknown topic config " + key);
    TRY_VOID(check_topic_config(*row, value));
  }
  return {};
}

}  // namespace ledge::state
