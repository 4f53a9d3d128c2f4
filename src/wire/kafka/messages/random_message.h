// SPDX-License-Identifier: Apache-2.0
// Fills any declared message with values from a seed: for tests and for the seeds of the fuzzers, not for the
// program.
#pragma once

#include <random>

#include "declare/message.h"

namespace ledge::kafka {

class RandomMessage {
 public:
  explicit RandomMessage(std::uint64_t seed) : random_(seed) {}

  /// Values for every field that the version has; null only where the version allows it, tagged fields as
  /// often at their default as not. A message read back from its bytes is equal to it.
  void fill(const declare::Struct& declaration, void* message, std::int16_t version) {
    for (const declare::Field& f : declaration.fields) {
      if (!f.versions.has(version)) continue;
      if (f.tagged_in.has(version) && one_in(2)) continue;
      value(*f.type, f.null_in.has(version), f.member(message), version);
    }
  }

 private:
  using Kind = declare::Kind;

  bool one_in(unsigned n) { return random_() % n == 0; }
  /// Small, large and extreme ones alike.
  std::uint64_t number() {
    return one_in(4) ? ~std::uint64_t{0} >> random_() % 64 : random_() >> random_() % 64;
  }
  std::size_t length() { return one_in(20) ? random_() % 300 : random_() % 6; }

  void value(const declare::Type& type, bool nullable, void* at, std::int16_t version) {
    if (type.optional != nullptr) {
      if (nullable && one_in(4)) return type.optional->reset(at);
      at = type.optional->emplace(at);
    }
    switch (type.kind) {
      case Kind::Bool: *static_cast<bool*>(at) = one_in(2); return;
      case Kind::Int8: return set<std::int8_t>(at);
      case Kind::Int16: return set<std::int16_t>(at);
      case Kind::Uint16: return set<std::uint16_t>(at);
      case Kind::Int32: return set<std::int32_t>(at);
      case Kind::Int64: return set<std::int64_t>(at);
      case Kind::Float64: *static_cast<double*>(at) = static_cast<double>(number()) / 7; return;
      case Kind::Uuid:
        for (auto& byte : static_cast<Uuid*>(at)->bytes) byte = static_cast<std::uint8_t>(random_());
        return;
      case Kind::String: {
        const Bytes text = bytes();
        static_cast<std::string*>(at)->assign(as_text(text));
        return;
      }
      case Kind::Bytes: *static_cast<Bytes*>(at) = bytes(); return;
      case Kind::Records: *static_cast<Chain*>(at) = Chain{SharedBytes::take(bytes())}; return;
      case Kind::Struct: return fill(type.structure(), at, version);
      case Kind::Array: break;
    }
    const std::size_t count = random_() % 4;
    auto* element = static_cast<std::uint8_t*>(type.array->resize(at, count));
    for (std::size_t i = 0; i < count; ++i)
      value(*type.element, false, element + i * type.element->bytes, version);
  }

  template <class T> void set(void* at) { *static_cast<T*>(at) = static_cast<T>(number()); }
  Bytes bytes() {
    Bytes out(length());
    for (auto& byte : out) byte = static_cast<std::uint8_t>(random_());
    return out;
  }

  std::mt19937_64 random_;
};

}  // namespace ledge::kafka
