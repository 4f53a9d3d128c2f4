// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"
#include "base/limits.h"
#include "declare/message.h"

namespace ledge::declare {
namespace {

template <class T> std::string number_text(const void* at) {
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), *static_cast<const T*>(at)).ptr;
  return {buffer.data(), end};
}

/// Of a bool, number or uuid.
std::string fixed_text(Kind kind, const void* at) {
  switch (kind) {
    case Kind::Bool: return *static_cast<const bool*>(at) ? "true" : "false";
    case Kind::Int8: return number_text<std::int8_t>(at);
    case Kind::Int16: return number_text<std::int16_t>(at);
    case Kind::Uint16: return number_text<std::uint16_t>(at);
    case Kind::Int32: return number_text<std::int32_t>(at);
    case Kind::Int64: return number_text<std::int64_t>(at);
    case Kind::Float64: return number_text<double>(at);
    case Kind::Uuid: return static_cast<const Uuid*>(at)->text();
    default: return {};
  }
}

std::string size_text(std::size_t bytes) { return "<" + std::to_string(bytes) + " bytes>"; }

/// Stops as soon as the line is long enough, however much there is to print.
class Printer {
 public:
  explicit Printer(std::int16_t version) : version_(version) {}

  void structure(const Struct& declaration, const void* message) {
    out_ += '{';
    const char* between = "";
    for (const Field& f : declaration.fields) {
      if (!f.versions.has(version_)) continue;
      if (full()) break;
      out_ += between;
      out_ += f.name;
      out_ += ": ";
      value(*f.type, f.at(message));
      between = ", ";
    }
    out_ += '}';
  }

  std::string take(std::string front) {
    front += out_;
    if (front.size() <= kMost) return front;
    front.resize(kMost);
    return front + "...";
  }

 private:
  static constexpr auto kMost = static_cast<std::size_t>(limits::log_message_bytes_max);
  bool full() const { return out_.size() > kMost; }

  void value(const Type& type, const void* at) {
    at = type.value(at);
    if (at == nullptr) {
      out_ += "null";
      return;
    }
    switch (type.kind) {
      case Kind::String: return text(*static_cast<const std::string*>(at));
      case Kind::Bytes: out_ += size_text(static_cast<const Bytes*>(at)->size()); return;
      case Kind::Records: out_ += size_text(static_cast<const Chain*>(at)->size()); return;
      case Kind::Struct: return structure(type.structure(), at);
      case Kind::Array: return array(type, at);
      default: out_ += fixed_text(type.kind, at);
    }
  }

  void text(std::string_view text) {
    constexpr auto kValueMost = static_cast<std::size_t>(limits::log_value_bytes_max);
    append_json(out_, text.substr(0, kValueMost));
    if (text.size() > kValueMost) out_ += "...";
  }

  void array(const Type& type, const void* at) {
    const auto* element = static_cast<const std::uint8_t*>(type.array->data(at));
    const std::size_t count = type.array->size(at);
    out_ += '[';
    for (std::size_t i = 0; i < count && !full(); ++i, element += type.element->bytes) {
      if (i > 0) out_ += ", ";
      value(*type.element, element);
    }
    out_ += ']';
  }

  const std::int16_t version_;
  std::string out_;
};

std::string type_text(const Type& type) {
  if (type.kind == Kind::Array) return "[]" + type_text(*type.element);
  return std::string{type.kind == Kind::Struct ? type.structure().name : kind_name(type.kind)};
}

/// The struct that a field holds, directly or as elements.
const Struct* inner(const Type& type) {
  const Type& held = type.kind == Kind::Array ? *type.element : type;
  return held.kind == Kind::Struct ? &held.structure() : nullptr;
}

/// Empty for what is empty, zero ids and structs; "null" for null.
std::string default_text(const Field& f, const Struct& declaration) {
  const void* at = f.type->value(f.at(declaration.defaults()));
  if (at == nullptr) return "null";
  switch (f.type->kind) {
    case Kind::String: return *static_cast<const std::string*>(at);
    case Kind::Uuid:
      return static_cast<const Uuid*>(at)->is_zero() ? "" : static_cast<const Uuid*>(at)->text();
    default: return fixed_text(f.type->kind, at);
  }
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
  out += ", ";
  append_json(out, key);
  out += ": ";
  append_json(out, value);
}

/// What of `versions` lies within `valid`.
std::string within(Versions versions, Versions valid) {
  const Versions common{std::max(versions.first, valid.first), std::min(versions.last, valid.last)};
  if (common.last != valid.last) return common.text();
  return common.first == valid.first ? "all" : Versions{common.first, Versions::kOpen}.text();
}

std::string notes(const Field& f, Versions valid) {
  std::string out{f.meaning};
  if (!f.null_in.none()) out += " Null allowed: " + within(f.null_in, valid) + ".";
  if (f.tag >= 0) out += " Tag " + std::to_string(f.tag) + ": " + within(f.tagged_in, valid) + ".";
  if (f.never_flexible) out += " Never compact.";
  return out;
}

void append_rows(std::string& out, const Struct& declaration, Versions valid, const std::string& path) {
  for (const Field& f : declaration.fields) {
    if (within(f.versions, valid) == "none") continue;
    const std::string name = path + std::string{f.name};
    const std::string initial = default_text(f, declaration);
    out += "| " + name + " | " + type_text(*f.type) + " | " + within(f.versions, valid) + " | " + initial +
           " | " + notes(f, valid) + " |\n";
    if (const Struct* nested = inner(*f.type))
      append_rows(out, *nested, valid, name + (f.type->kind == Kind::Array ? "[]." : "."));
  }
}

}  // namespace

std::string_view kind_name(Kind kind) {
  constexpr std::array<std::string_view, 13> kNames{"bool",    "int8",    "int16", "uint16", "int32",
                                                    "int64",   "float64", "uuid",  "string", "bytes",
                                                    "records", "array",   "struct"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Versions::text() const {
  if (none()) return "none";
  std::string out = std::to_string(first);
  if (last == kOpen) return out + "+";
  return last == first ? out : out + "-" + std::to_string(last);
}

std::string print(const Struct& declaration, const void* message, std::int16_t version) {
  Printer printer(version);
  printer.structure(declaration, message);
  return printer.take(std::string{declaration.name} + " v" + std::to_string(version) + " ");
}

void append_definition(std::string& out, const Struct& declaration) {
  out += "[";
  const char* between = "\n";
  for (const Field& f : declaration.fields) {
    out += between;
    between = ",\n";
    out += "{\"name\": ";
    append_json(out, f.name);
    append_pair(out, "type", type_text(*f.type));
    append_pair(out, "versions", f.versions.text());
    if (!f.null_in.none()) append_pair(out, "nullableVersions", f.null_in.text());
    if (f.tag >= 0) {
      out += ", \"tag\": " + std::to_string(f.tag);
      append_pair(out, "taggedVersions", f.tagged_in.text());
    }
    if (f.never_flexible) append_pair(out, "flexibleVersions", "none");
    append_pair(out, "default", default_text(f, declaration));
    if (f.may_ignore) out += ", \"ignorable\": true";
    append_pair(out, "about", f.meaning);
    if (const Struct* nested = inner(*f.type)) {
      out += ", \"fields\": ";
      append_definition(out, *nested);
    }
    out += "}";
  }
  out += "]";
}

void append_reference(std::string& out, const Struct& declaration, Versions valid) {
  out += "| Field | Type | Versions | Default | Meaning |\n|---|---|---|---|---|\n";
  append_rows(out, declaration, valid, "");
}

}  // namespace ledge::declare
