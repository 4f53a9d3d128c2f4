// SPDX-License-Identifier: Apache-2.0
#include "cli/record_format.h"

#include "base/json.h"
#include "cli/escapes.h"

namespace ledge::cli {
namespace {

void append_bytes(std::string& out, const std::optional<ByteView>& bytes) {
  if (bytes) out += as_text(*bytes);
}

std::string size_of(const std::optional<ByteView>& bytes) {
  return bytes ? std::to_string(bytes->size()) : std::string{"-1"};
}

void append_headers(std::string& out, const kafka::RecordView& record) {
  bool first = true;
  for (const auto& [key, value] : record.headers) {
    if (!std::exchange(first, false)) out += ',';
    out += as_text(key);
    out += '=';
    if (value)
      out += as_text(*value);
    else
      out += "NULL";
  }
}

std::string json_or_null(const std::optional<ByteView>& bytes) {
  return bytes ? json_string(as_text(*bytes)) : std::string{"null"};
}

}  // namespace

Result<RecordFormat> RecordFormat::parse(std::string_view text) {
  constexpr std::string_view kVerbs = "tpoTksvKSh";
  RecordFormat format;
  std::string plain;
  const auto end_plain = [&]() -> Result<void> {
    TRY(std::string bytes, unescape(plain));
    if (!bytes.empty()) format.parts_.push_back({0, std::move(bytes)});
    plain.clear();
    return {};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const char verb = ++i < text.size() ? text[i] : '\0';
    if (verb == '%') {
      plain += '%';
    } else if (verb == 'n') {
      plain += "\\n";
    } else if (verb != '\0' && kVerbs.find(verb) != kVerbs.npos) {
      TRY_VOID(end_plain());
      format.parts_.push_back({verb, {}});
    } else {
      return fail(ErrorCode::BadOption,
                  std::string{"there is no %"} + (verb == '\0' ? ' ' : verb) + " in a format");
    }
  }
  TRY_VOID(end_plain());
  return format;
}

void RecordFormat::append(std::string& out, std::string_view topic, std::int32_t partition,
                          const kafka::RecordView& record) const {
  for (const Part& part : parts_) switch (part.verb) {
      case 't': out += topic; break;
      case 'p': out += std::to_string(partition); break;
      case 'o': out += std::to_string(record.offset); break;
      case 'T': out += std::to_string(record.timestamp); break;
      case 'k': append_bytes(out, record.key); break;
      case 's':
      case 'v': append_bytes(out, record.value); break;
      case 'K': out += size_of(record.key); break;
      case 'S': out += size_of(record.value); break;
      case 'h': append_headers(out, record); break;
      default: out += part.text;
    }
}

void append_record_json(std::string& out, std::string_view topic, std::int32_t partition,
                        bool log_append_time, const kafka::RecordView& record) {
  out += "{\"topic\":" + json_string(topic) + ",\"partition\":" + std::to_string(partition) +
         ",\"offset\":" + std::to_string(record.offset) + ",\"tstype\":\"" +
         (log_append_time        ? "logappend"
          : record.timestamp < 0 ? "unknown"
                                 : "create") +
         "\",\"ts\":" + std::to_string(record.timestamp) + ",\"headers\":[";
  bool first = true;
  for (const auto& [key, value] : record.headers)
    out += std::string{std::exchange(first, false) ? "" : ","} + json_string(as_text(key)) + "," +
           json_or_null(value);
  out += "],\"key\":" + json_or_null(record.key) + ",\"payload\":" + json_or_null(record.value) + "}\n";
}

}  // namespace ledge::cli
