// SPDX-License-Identifier: Apache-2.0
#include "declare/option.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <type_traits>

#include "base/check.h"

namespace ledge::declare {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(at);
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) out.push_back(part);
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};
constexpr Suffix kByteSuffixes[] = {
    {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},   {"tib", std::int64_t{1} << 40},
    {"kb", 1000},     {"mb", 1000000},  {"gb", 1000000000}, {"b", 1}};
constexpr Suffix kTimeSuffixes[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

/// "64MiB" to 67108864. nullopt: not a number with at most one of the unit's suffixes, or too large.
std::optional<std::int64_t> parse_number(std::string_view text, OptionUnit unit, std::int64_t factor) {
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{}) return std::nullopt;
  const std::string rest = lower(trimmed(text.substr(static_cast<std::size_t>(end - text.data()))));
  std::int64_t times = rest.empty() ? factor : 0;
  if (factor == 1 && unit != OptionUnit::None) {  // an alias in hours takes plain hours only
    const std::span<const Suffix> suffixes = unit == OptionUnit::Bytes
                                                 ? std::span<const Suffix>{kByteSuffixes}
                                                 : std::span<const Suffix>{kTimeSuffixes};
    for (const Suffix& s : suffixes) {
      if (rest == s.text) times = s.factor;
    }
  }
  if (times == 0) return std::nullopt;
  if (number < 0)
    return rest.empty() ? std::optional{number} : std::nullopt;  // -1 means "no limit" in every unit
  std::int64_t product = 0;
  if (__builtin_mul_overflow(number, times, &product)) return std::nullopt;
  return product;
}

bool is_choice(const OptionRow& row, std::string_view value) {
  if (row.choices.empty()) return true;
  const auto choices = split(row.choices, '|');
  return std::ranges::find(choices, value) != choices.end();
}

std::string joined_choices(std::string_view choices) {
  std::string out;
  const auto parts = split(choices, '|');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out += i == 0 ? "" : i + 1 == parts.size() ? " or " : ", ";
    out += parts[i];
  }
  return out;
}

std::string_view unit_text(OptionUnit unit) {
  switch (unit) {
    case OptionUnit::Bytes: return " bytes";
    case OptionUnit::Milliseconds: return " ms";
    case OptionUnit::None: break;
  }
  return "";
}

template <class T> std::pair<std::int64_t, std::int64_t> range_of(const OptionRow& row) {
  return {std::max<std::int64_t>(row.min, std::numeric_limits<T>::min()),
          std::min<std::int64_t>(row.max, std::numeric_limits<T>::max())};
}

std::unexpected<Error> refuse(const OptionRow& row, std::string_view spelled, void* options,
                              std::string_view value) {
  const std::string shown = row.secret ? "(hidden)" : "'" + std::string{value} + "'";
  return fail(ErrorCode::BadOption,
              std::string{spelled} + " must be " + option_allowed(row, options) + ", not " + shown);
}

/// One visitor for each kind of field.
struct Setter {
  const OptionRow& row;
  std::int64_t factor;
  std::string_view value;

  bool operator()(bool* to) const {
    const std::string text = lower(value);
    *to = text == "true";
    return text == "true" || text == "false";
  }
  template <std::integral T> bool operator()(T* to) const {
    const auto number = parse_number(value, row.unit, factor);
    const auto [least, most] = range_of<T>(row);
    if (!number || *number < least || *number > most) return false;
    *to = static_cast<T>(*number);
    return true;
  }
  bool operator()(std::string* to) const {
    *to = value;
    return is_choice(row, value);
  }
  bool operator()(std::vector<std::string>* to) const {
    to->clear();
    for (std::string_view part : split(value, ',')) {
      if (!is_choice(row, part)) return false;
      to->emplace_back(part);
    }
    return true;
  }
};

}  // namespace

FoundOption find_option(OptionRows rows, std::string_view name) {
  for (const OptionRow& row : rows) {
    if (row.name == name) return {&row, 1, 0};
    for (std::size_t i = 0; i < row.aliases.size(); ++i) {
      const OptionAlias& alias = row.aliases[i];
      if (!alias.name.empty() && alias.name == name) return {&row, alias.factor, i + 1};
    }
  }
  for (const OptionRow& row : rows) {
    if (row.name.ends_with('*') && name.starts_with(row.name.substr(0, row.name.size() - 1)))
      return {&row, 1, 0};
  }
  return {};
}

Result<void> set_option(const FoundOption& found, std::string_view spelled, void* options,
                        std::string_view value) {
  CHECK(found.row->field != nullptr);
  value = trimmed(value);
  const Setter setter{*found.row, found.factor, value};
  if (!std::visit(setter, found.row->field(options))) return refuse(*found.row, spelled, options, value);
  return {};
}

Result<void> set_option_list(const OptionRow& row, void* options, std::vector<std::string> values) {
  const OptionField field = row.field(options);
  if (const auto* to = std::get_if<std::vector<std::string>*>(&field)) {
    for (const std::string& value : values) {
      if (!is_choice(row, value)) return refuse(row, row.name, options, value);
    }
    **to = std::move(values);
    return {};
  }
  return fail(ErrorCode::BadOption, std::string{row.name} + " takes one value, not a list");
}

bool is_list_option(const OptionRow& row, void* options) {
  return row.field && std::holds_alternative<std::vector<std::string>*>(row.field(options));
}

std::string option_text(const OptionRow& row, void* options) {
  return std::visit(
      [](const auto* value) -> std::string {
        using T = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::is_same_v<T, bool>) {
          return *value ? "true" : "false";
        } else if constexpr (std::is_integral_v<T>) {
          return std::to_string(*value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return *value;
        } else {
          std::string out;
          for (const std::string& part : *value) out += (out.empty() ? "" : ",") + part;
          return out;
        }
      },
      row.field(options));
}

std::string option_allowed(const OptionRow& row, void* options) {
  return std::visit(
      [&](const auto* value) -> std::string {
        using T = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::is_same_v<T, bool>) {
          return "true or false";
        } else if constexpr (std::is_integral_v<T>) {
          const auto [least, most] = range_of<T>(row);
          std::string text = "an integer";
          if (most == std::numeric_limits<T>::max()) {
            if (least > std::numeric_limits<T>::min()) text += " of at least " + std::to_string(least);
          } else {
            text += " from " + std::to_string(least) + " to " + std::to_string(most);
          }
          return text + std::string{unit_text(row.unit)};
        } else if (!row.choices.empty()) {
          return (std::is_same_v<T, std::string> ? "" : "a list of ") + joined_choices(row.choices);
        } else {
          return std::is_same_v<T, std::string> ? "text" : "a list of text";
        }
      },
      row.field(options));
}

std::string_view option_type(const OptionRow& row, void* options) {
  constexpr std::string_view kNames[] = {"boolean", "integer", "integer", "text", "list"};
  return kNames[row.field(options).index()];
}

std::string option_environment(std::string_view name) {
  std::string out = "LEDGE_";
  for (const char c : name) {
    out += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

std::vector<std::string_view> option_names(OptionRows rows) {
  std::vector<std::string_view> out;
  for (const OptionRow& row : rows) {
    out.push_back(row.name);
    for (const OptionAlias& alias : row.aliases) {
      if (!alias.name.empty()) out.push_back(alias.name);
    }
  }
  return out;
}

std::string options_reference(OptionRows rows, void* defaults) {
  std::string ours = "| key | default | allowed | meaning |\n|---|---|---|---|\n";
  std::string rest = "| Kafka key | what happens |\n|---|---|\n";
  for (const OptionRow& row : rows) {
    const std::string name = "`" + std::string{row.name} + "`";
    if (row.kind != OptionKind::Ours) {
      rest += "| " + name + " | " + (row.kind == OptionKind::Refused ? "Refused. " : "No effect. ") +
              std::string{row.doc} + " |\n";
      continue;
    }
    std::string value = option_text(row, defaults);
    value = value.empty() ? "(empty)" : "`" + value + "`";
    ours += "| " + name;
    for (const OptionAlias& alias : row.aliases) {
      if (!alias.name.empty()) ours += "<br>also `" + std::string{alias.name} + "`";
    }
    ours += " | " + value + " | " + option_allowed(row, defaults) + " | " + std::string{row.doc};
    if (!row.topic_key.empty()) ours += " Default of the topic's `" + std::string{row.topic_key} + "`.";
    ours += " |\n";
  }
  return ours + "\n## Kafka keys that Ledge knows and does not have\n\n" + rest;
}

}  // namespace ledge::declare
