// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <functional>

#include "base/limits.h"
#include "declare/message.h"

namespace ledge::declare {
namespace {

/// Bytes that a value of this type takes at least; what bounds an array's count by the bytes left.
std::size_t least_size(const Type& type, bool nullable, Format format);

std::size_t least_size(const Struct& declaration, Format format) {
  std::size_t sum = format.flexible ? 1 : 0;  // the number of tagged fields
  for (const Field& f : declaration.fields) {
    if (!f.versions.has(format.version) || f.tagged_in.has(format.version)) continue;
    const Format of_field{format.version, format.flexible && !f.never_flexible};
    sum += least_size(*f.type, f.null_in.has(format.version), of_field);
  }
  return sum;
}

std::size_t least_size(const Type& type, bool nullable, Format format) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int8: return 1;
    case Kind::Int16:
    case Kind::Uint16: return 2;
    case Kind::Int32: return 4;
    case Kind::Int64:
    case Kind::Float64: return 8;
    case Kind::Uuid: return 16;
    case Kind::String: return format.flexible ? 1 : 2;
    case Kind::Bytes:
    case Kind::Records:
    case Kind::Array: return format.flexible ? 1 : 4;
    case Kind::Struct: return nullable ? 1 : least_size(type.structure(), format);
  }
  return 1;
}

/// One message being read. Every function returns false after the first fault and leaves it in `error_`; the
/// path to the field is put together on the way out.
class Decoder {
 public:
  Decoder(const SharedBytes& body, Format format)
      : body_(body),
        in_(body.view()),
        format_(format),
        memory_left_(std::min(body.size() * static_cast<std::size_t>(limits::decode_memory_factor),
                              static_cast<std::size_t>(limits::decode_memory_bytes_max))) {}

  bool structure(const Struct& declaration, void* out) {
    for (const Field& f : declaration.fields) {
      if (!f.versions.has(format_.version) || f.tagged_in.has(format_.version)) continue;
      if (!field(f, f.member(out))) return false;
    }
    return !format_.flexible || tagged_fields(declaration, out);
  }

  Error error() const { return {code_, path_ + ": " + what_}; }
  std::size_t left_over() const { return in_.remaining(); }

 private:
  bool field(const Field& f, void* out) {
    const bool flexible = format_.flexible;
    if (f.never_flexible) format_.flexible = false;
    const bool good = value(*f.type, f.null_in.has(format_.version), out);
    format_.flexible = flexible;
    return good || at(f.name);
  }

  bool tagged_fields(const Struct& declaration, void* out) {
    std::uint32_t count = in_.uvarint();
    std::uint64_t seen =
        0;  // declared tags are few and small; in which order tags come is not looked at, as in Kafka
    for (; in_.ok() && count > 0; --count) {
      const std::uint32_t tag = in_.uvarint();
      const std::uint32_t size = in_.uvarint();
      if (!in_.ok()) break;
      if (size > in_.remaining()) return truncated();
      const std::size_t end = in_.position() + size;
      const Field* f = find_tag(declaration, tag);
      if (f == nullptr) {
        in_.take(size);
        continue;
      }
      if ((seen >> tag & 1) != 0) return malformed("a tag that was there before"), at(f->name);
      seen |= std::uint64_t{1} << tag;
      if (!field(*f, f->member(out))) return false;
      if (in_.position() != end) return malformed("a tagged field does not fill its size"), at(f->name);
    }
    return in_.ok() || truncated();
  }

  const Field* find_tag(const Struct& declaration, std::uint32_t tag) const {
    for (const Field& f : declaration.fields) {
      if (f.tag >= 0 && static_cast<std::uint32_t>(f.tag) == tag && f.versions.has(format_.version) &&
          f.tagged_in.has(format_.version))
        return &f;
    }
    return nullptr;
  }

  bool value(const Type& type, bool nullable, void* out) {
    switch (type.kind) {
      case Kind::Bool: return fixed<std::uint8_t>(type, out, [](auto v) { return v != 0; });
      case Kind::Int8: return fixed<std::int8_t>(type, out);
      case Kind::Int16: return fixed<std::int16_t>(type, out);
      case Kind::Uint16: return fixed<std::uint16_t>(type, out);
      case Kind::Int32: return fixed<std::int32_t>(type, out);
      case Kind::Int64: return fixed<std::int64_t>(type, out);
      case Kind::Float64:
        return fixed<std::uint64_t>(type, out, [](auto v) { return std::bit_cast<double>(v); });
      case Kind::Uuid: return uuid(type, out);
      case Kind::Struct: return held_structure(type, nullable, out);
      case Kind::String:
      case Kind::Bytes:
      case Kind::Records:
      case Kind::Array: return sized(type, nullable, out);
    }
    return false;
  }

  template <class Wire, class Convert = std::identity>
  bool fixed(const Type& type, void* out, Convert convert = {}) {
    const auto v = convert(in_.be<Wire>());
    if (!in_.ok()) return truncated();
    *static_cast<std::remove_const_t<decltype(v)>*>(present(type, out)) = v;
    return true;
  }

  bool uuid(const Type& type, void* out) {
    const ByteView bytes = in_.take(sizeof(Uuid::bytes));
    if (!in_.ok()) return truncated();
    std::memcpy(static_cast<Uuid*>(present(type, out))->bytes.data(), bytes.data(), bytes.size());
    return true;
  }

  bool held_structure(const Type& type, bool nullable, void* out) {
    if (nullable) {
      const auto there = in_.be<std::int8_t>();
      if (!in_.ok()) return truncated();
      if (there == -1) return type.optional->reset(out), true;
      if (there != 1) return malformed("a struct is there (1) or not (-1)");
    }
    return structure(type.structure(), present(type, out));
  }

  /// Strings, bytes, records and arrays: what begins with a length, or with null.
  bool sized(const Type& type, bool nullable, void* out) {
    std::int64_t n = 0;
    if (format_.flexible) {
      n = std::int64_t{in_.uvarint()} - 1;
    } else if (type.kind == Kind::String) {
      n = in_.be<std::int16_t>();
    } else {
      n = in_.be<std::int32_t>();
    }
    if (!in_.ok()) return truncated();
    if (n < 0) {
      if (n != -1) return malformed("a negative length");
      if (!nullable) return malformed("null, which this version does not allow");
      return type.optional->reset(out), true;
    }
    const auto length = static_cast<std::size_t>(n);
    if (type.kind == Kind::Array) return array(type, length, out);
    if (type.kind == Kind::String && n > limits::string_bytes_max) return malformed("a string too long");
    const std::size_t from = in_.position();
    const ByteView bytes = in_.take(length);
    if (!in_.ok()) return truncated();
    void* value = present(type, out);
    if (type.kind == Kind::Records) {
      if (!charge(sizeof(ChainPiece))) return false;
      *static_cast<Chain*>(value) = length > 0 ? Chain{body_.sub(from, length)} : Chain{};
      return true;
    }
    if (!charge(length)) return false;
    if (type.kind == Kind::String) {
      static_cast<std::string*>(value)->assign(as_text(bytes));
    } else {
      static_cast<Bytes*>(value)->assign(bytes.begin(), bytes.end());
    }
    return true;
  }

  bool array(const Type& type, std::size_t count, void* out) {
    if (count > static_cast<std::size_t>(limits::array_elements_max))
      return fault(ErrorCode::LimitExceeded, "too many elements");
    const Type& element = *type.element;
    if (count * least_size(element, false, format_) > in_.remaining()) return truncated();
    if (!charge(count * element.bytes)) return false;
    auto* at_element = static_cast<std::uint8_t*>(type.array->resize(present(type, out), count));
    for (std::size_t i = 0; i < count; ++i, at_element += element.bytes) {
      if (!value(element, false, at_element)) return at("[" + std::to_string(i) + "]");
    }
    return true;
  }

  /// Where the value goes; makes one in an optional.
  static void* present(const Type& type, void* out) {
    if (type.optional == nullptr) return out;
    void* there = type.optional->value(out);
    return there != nullptr ? there : type.optional->emplace(out);
  }

  bool charge(std::size_t bytes) {
    if (bytes > memory_left_) return fault(ErrorCode::LimitExceeded, "takes more memory than a frame may");
    memory_left_ -= bytes;
    return true;
  }

  bool fault(ErrorCode code, const char* what) {
    code_ = code;
    what_ = what;
    return false;
  }
  bool truncated() { return fault(ErrorCode::Truncated, "the bytes end here"); }
  bool malformed(const char* what) { return fault(ErrorCode::Malformed, what); }
  bool at(std::string_view step) {
    if (!path_.empty() && path_.front() != '[') path_.insert(0, ".");
    path_.insert(0, step);
    return false;
  }

  const SharedBytes& body_;
  ByteReader in_;
  Format format_;
  std::size_t memory_left_;
  ErrorCode code_ = ErrorCode::None;
  const char* what_ = "";
  std::string path_;
};

}  // namespace

Result<void> decode(const Struct& declaration, void* out, const SharedBytes& body, Format format,
                    std::size_t* left_over) {
  Decoder decoder(body, format);
  if (!decoder.structure(declaration, out)) return std::unexpected(decoder.error());
  if (left_over != nullptr) *left_over = decoder.left_over();
  return {};
}

}  // namespace ledge::declare
