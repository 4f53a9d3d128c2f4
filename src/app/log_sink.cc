// SPDX-License-Identifier: Apache-2.0
#include "app/log_sink.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/limits.h"

namespace ledge::app {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warn: return "warn";
    case LogLevel::Error: return "error";
  }
  return "unknown";
}

std::string cut(const std::string& value) {
  constexpr auto kMost = static_cast<std::size_t>(limits::log_value_bytes_max);
  return value.size() <= kMost ? value : value.substr(0, kMost) + "...";
}

std::string number_text(double number) {
  char buffer[32];
  const auto [end, bad] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, bad == std::errc{} ? end : buffer};
}

/// Plain words stay as they are; anything else is quoted and escaped.
std::string text_value(const std::string& value) {
  const bool plain = !value.empty() && std::ranges::all_of(value, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=';
  });
  return plain ? cut(value) : json_string(cut(value));
}

template <class OfText> std::string value_text(const LogField& field, OfText of_text) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return of_text(*text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) return number_text(*number);
  return std::get<bool>(field.value) ? "true" : "false";
}

void digits(std::string& out, std::int64_t number, int width) {
  char buffer[8];
  for (int i = width - 1; i >= 0; --i, number /= 10) buffer[i] = static_cast<char>('0' + number % 10);
  out.append(buffer, static_cast<std::size_t>(width));
}

}  // namespace

std::string utc_text(WallMs at) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{
      milliseconds{std::clamp<WallMs>(at, 0, 253402300799999)}};  // to the year 9999
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const std::int64_t ms = (time - day).count();
  std::string out;
  digits(out, int{date.year()}, 4);
  out += '-';
  digits(out, unsigned{date.month()}, 2);
  out += '-';
  digits(out, unsigned{date.day()}, 2);
  out += 'T';
  digits(out, ms / 3600000, 2);
  out += ':';
  digits(out, ms / 60000 % 60, 2);
  out += ':';
  digits(out, ms / 1000 % 60, 2);
  out += '.';
  digits(out, ms % 1000, 3);
  return out + "Z";
}

std::string log_text(const LogLine& line, WallMs now) {
  std::string level{level_name(line.level)};
  std::ranges::transform(level, level.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  level.resize(5, ' ');
  std::string out = utc_text(now) + " " + level + " " + std::string{line.event};
  std::string_view gap = "  ";
  for (const LogField& field : line.fields) {
    out += gap;
    out += field.name;
    out += '=';
    out += value_text(field, text_value);
    gap = " ";
  }
  if (line.held_back) out += "  held_back=" + std::to_string(line.held_back);
  return out + "\n";
}

std::string log_json(const LogLine& line, WallMs now) {
  std::string out = "{\"ts\":\"" + utc_text(now) + "\",\"level\":\"" + std::string{level_name(line.level)} +
                    "\",\"event\":" + json_string(line.event);
  for (const LogField& field : line.fields) {
    out += "," + json_string(field.name) + ":";
    out += value_text(field, [](const std::string& text) { return json_string(cut(text)); });
  }
  if (line.held_back) out += ",\"held_back\":" + std::to_string(line.held_back);
  return out + "}\n";
}

}  // namespace ledge::app
