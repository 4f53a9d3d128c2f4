// SPDX-License-Identifier: Apache-2.0
// One row per option. The rows serve reading, range checks, `ledge config`, the nearest-match hint,
// environment names and the generated reference; the typed value lies in a plain struct, whose member
// initialisers are the defaults.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ledge::declare {

/// Where a row's value lies.
using OptionField =
    std::variant<bool*, std::int32_t*, std::int64_t*, std::string*, std::vector<std::string>*>;

/// Makes a row's `field`: option_field<&Options::group, &Group::member>.
template <class Owner, class T> Owner option_owner(T Owner::*);
template <auto First, auto... Rest> OptionField option_field(void* options) {
  auto& root = *static_cast<decltype(option_owner(First))*>(options);
  if constexpr (sizeof...(Rest) == 0) {
    return &(root.*First);
  } else {
    return &((root.*First).*....*Rest);
  }
}

enum class OptionUnit : std::uint8_t { None, Bytes, Milliseconds };

/// Another spelling. Its value times `factor` is the row's value (log.retention.hours for log.retention.ms).
struct OptionAlias {
  std::string_view name = {};
  std::int64_t factor = 1;
};

/// Kafka keys that Ledge does not have get rows too, so that a server.properties finds no silence.
enum class OptionKind : std::uint8_t {
  Ours,
  NoEffect,  // accepted and reported; `doc` says why nothing follows from it
  Refused,   // an error; `doc` says what to do instead
};

struct OptionRow {
  std::string_view name;
  OptionField (*field)(void* options) = nullptr;  // Ours only
  std::string_view doc;                           // one sentence
  OptionUnit unit = OptionUnit::None;
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
  std::string_view choices = {};  // "a|b|c"; of a list: of each element
  std::array<OptionAlias, 3> aliases = {};
  std::string_view topic_key = {};  // the topic configuration that it is the default of
  OptionKind kind = OptionKind::Ours;
  bool live = false;    // may change without a restart
  bool secret = false;  // never shown
};

using OptionRows = std::span<const OptionRow>;

struct FoundOption {
  const OptionRow* row = nullptr;  // nullptr: there is no such option
  std::int64_t factor = 1;
  std::size_t spelling = 0;  // 0 the row's name, then its aliases in order
};
/// By name or alias. A row whose name ends in '*' stands for every name that begins so.
FoundOption find_option(OptionRows rows, std::string_view name);

/// Parses and checks one value and stores it. Numbers may carry a unit (64MiB, 10MB, 7d, 500ms). The error's
/// detail starts with the option's name and says what is allowed.
Result<void> set_option(const FoundOption& found, std::string_view spelled, void* options,
                        std::string_view value);
/// Several values; only for a list.
Result<void> set_option_list(const OptionRow& row, void* options, std::vector<std::string> values);
bool is_list_option(const OptionRow& row, void* options);

/// The value as it would be written in a file; lists joined by commas.
std::string option_text(const OptionRow& row, void* options);
/// "true or false", "text", "integer from 1 to 10", "list of text", "delete or compact"
std::string option_allowed(const OptionRow& row, void* options);
/// "boolean", "integer", "text", "list"
std::string_view option_type(const OptionRow& row, void* options);

/// LEDGE_ + upper case with dots and dashes as underscores.
std::string option_environment(std::string_view name);

/// Every name and alias, for nearest-match hints and completion.
std::vector<std::string_view> option_names(OptionRows rows);

/// The reference: one table in Markdown of our rows, one of the rest. `defaults` is a fresh struct.
std::string options_reference(OptionRows rows, void* defaults);

}  // namespace ledge::declare
