// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "base/limits.h"
#include "declare/message.h"

namespace ledge::declare {
namespace {

constexpr std::size_t kUuidBytes = sizeof(Uuid::bytes);

bool written_plain(const Field& f, Format format) {
  return f.versions.has(format.version) && !f.tagged_in.has(format.version);
}

bool same(const Type& type, const void* a, const void* b);

/// A tagged field is on the wire when this version tags it and it is not as constructed.
bool written_tagged(const Field& f, const Struct& declaration, const void* message, Format format) {
  return f.versions.has(format.version) && f.tagged_in.has(format.version) &&
         !same(*f.type, f.at(message), f.at(declaration.defaults()));
}

Format format_of(const Field& f, Format format) {
  return {format.version, format.flexible && !f.never_flexible};
}

std::string_view cut(const std::string& text) {
  return std::string_view{text}.substr(0, static_cast<std::size_t>(limits::string_bytes_max));
}

std::size_t count_of(const Type& type, const void* array) {
  const std::size_t count = type.array->size(array);
  CHECK(count < static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  return count;
}

const void* element_at(const Type& array, const void* first, std::size_t i) {
  return static_cast<const std::uint8_t*>(first) + i * array.element->bytes;
}

std::size_t fixed_size(Kind kind) {
  switch (kind) {
    case Kind::Bool:
    case Kind::Int8: return 1;
    case Kind::Int16:
    case Kind::Uint16: return 2;
    case Kind::Int32: return 4;
    case Kind::Int64:
    case Kind::Float64: return 8;
    case Kind::Uuid: return kUuidBytes;
    default: return 0;
  }
}

/// Adds up what the Writer below will write, step by step the same.
class Sizer {
 public:
  std::size_t records_bytes = 0;

  std::size_t structure(const Struct& declaration, const void* message, Format format) {
    std::size_t sum = 0;
    for (const Field& f : declaration.fields) {
      if (written_plain(f, format))
        sum += value(*f.type, f.null_in.has(format.version), f.at(message), format_of(f, format));
    }
    return format.flexible ? sum + tagged_fields(declaration, message, format) : sum;
  }

  std::size_t value(const Type& type, bool nullable, const void* at, Format format) {
    if (const std::size_t fixed = fixed_size(type.kind); fixed > 0) return fixed;
    const void* there = type.value(at);
    if (type.kind == Kind::Struct) {
      if (there == nullptr && nullable) return 1;
      const Struct& declaration = type.structure();
      return (nullable ? 1 : 0) +
             structure(declaration, there != nullptr ? there : declaration.defaults(), format);
    }
    if (there == nullptr) return length_size(type.kind, 0, format);
    switch (type.kind) {
      case Kind::String:
        return with_length(type.kind, cut(*static_cast<const std::string*>(there)).size(), format);
      case Kind::Bytes: return with_length(type.kind, static_cast<const Bytes*>(there)->size(), format);
      case Kind::Records: {
        const std::size_t bytes = static_cast<const Chain*>(there)->size();
        records_bytes += bytes;
        return with_length(type.kind, bytes, format);
      }
      default: return array(type, there, format);
    }
  }

 private:
  std::size_t tagged_fields(const Struct& declaration, const void* message, Format format) {
    std::size_t count = 0;
    std::size_t sum = 0;
    for (const Field& f : declaration.fields) {
      if (!written_tagged(f, declaration, message, format)) continue;
      ++count;
      const std::size_t size = value(*f.type, f.null_in.has(format.version), f.at(message), format);
      sum += static_cast<std::size_t>(uvarint_size(static_cast<std::uint64_t>(f.tag)) + uvarint_size(size)) +
             size;
    }
    return static_cast<std::size_t>(uvarint_size(count)) + sum;
  }

  std::size_t array(const Type& type, const void* there, Format format) {
    const std::size_t count = count_of(type, there);
    std::size_t sum = length_size(type.kind, count, format);
    if (const std::size_t fixed = fixed_size(type.element->kind); fixed > 0) return sum + count * fixed;
    const void* first = type.array->data(there);
    for (std::size_t i = 0; i < count; ++i)
      sum += value(*type.element, false, element_at(type, first, i), format);
    return sum;
  }

  static std::size_t length_size(Kind kind, std::size_t length, Format format) {
    if (format.flexible) return static_cast<std::size_t>(uvarint_size(length + 1));
    return kind == Kind::String ? sizeof(std::int16_t) : sizeof(std::int32_t);
  }
  static std::size_t with_length(Kind kind, std::size_t length, Format format) {
    return length_size(kind, length, format) + length;
  }
};

/// Writes into a buffer of exactly the right size. Records are noted with their place and stay where they
/// are.
class Writer {
 public:
  struct RecordsAt {
    std::size_t position;
    const Chain* records;
  };
  std::vector<RecordsAt> records;

  explicit Writer(ByteWriter& out) : out_(out) {}

  void structure(const Struct& declaration, const void* message, Format format) {
    for (const Field& f : declaration.fields) {
      if (written_plain(f, format))
        value(*f.type, f.null_in.has(format.version), f.at(message), format_of(f, format));
    }
    if (format.flexible) tagged_fields(declaration, message, format);
  }

 private:
  void tagged_fields(const Struct& declaration, const void* message, Format format) {
    std::uint32_t count = 0;
    for (const Field& f : declaration.fields)
      count += written_tagged(f, declaration, message, format) ? 1 : 0;
    out_.uvarint(count);
    if (count == 0) return;
    for (const Field& f : declaration.fields) {
      if (!written_tagged(f, declaration, message, format)) continue;
      const bool nullable = f.null_in.has(format.version);
      out_.uvarint(static_cast<std::uint32_t>(f.tag));
      out_.uvarlong(Sizer{}.value(*f.type, nullable, f.at(message), format));
      value(*f.type, nullable, f.at(message), format);
    }
  }

  void value(const Type& type, bool nullable, const void* at, Format format) {
    const void* there = type.value(at);
    switch (type.kind) {
      case Kind::Bool:
        return out_.be<std::uint8_t>(there != nullptr && *static_cast<const bool*>(there) ? 1 : 0);
      case Kind::Int8: return fixed<std::int8_t>(there);
      case Kind::Int16: return fixed<std::int16_t>(there);
      case Kind::Uint16: return fixed<std::uint16_t>(there);
      case Kind::Int32: return fixed<std::int32_t>(there);
      case Kind::Int64: return fixed<std::int64_t>(there);
      case Kind::Float64:
        return out_.be(
            std::bit_cast<std::uint64_t>(there != nullptr ? *static_cast<const double*>(there) : 0.0));
      case Kind::Uuid:
        return there != nullptr ? out_.bytes(static_cast<const Uuid*>(there)->bytes) : out_.zeros(kUuidBytes);
      case Kind::Struct: return held_structure(type, nullable, there, format);
      default: return there != nullptr ? sized(type, there, format) : absent(type.kind, nullable, format);
    }
  }

  template <class T> void fixed(const void* there) {
    out_.be(there != nullptr ? *static_cast<const T*>(there) : T{});
  }

  void held_structure(const Type& type, bool nullable, const void* there, Format format) {
    if (nullable) out_.be<std::int8_t>(there != nullptr ? 1 : -1);
    if (there == nullptr && nullable) return;
    const Struct& declaration = type.structure();
    structure(declaration, there != nullptr ? there : declaration.defaults(), format);
  }

  void sized(const Type& type, const void* there, Format format) {
    switch (type.kind) {
      case Kind::String: {
        const std::string_view text = cut(*static_cast<const std::string*>(there));
        length(type.kind, text.size(), format);
        return out_.text(text);
      }
      case Kind::Bytes: {
        const auto& bytes = *static_cast<const Bytes*>(there);
        length(type.kind, bytes.size(), format);
        return out_.bytes(bytes);
      }
      case Kind::Records: {
        const auto& chain = *static_cast<const Chain*>(there);
        length(type.kind, chain.size(), format);
        if (!chain.empty()) records.push_back({out_.size(), &chain});
        return;
      }
      default: break;
    }
    const std::size_t count = count_of(type, there);
    length(type.kind, count, format);
    const void* first = type.array->data(there);
    for (std::size_t i = 0; i < count; ++i) value(*type.element, false, element_at(type, first, i), format);
  }

  void length(Kind kind, std::size_t n, Format format) {
    CHECK(n < static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
    if (format.flexible) return out_.uvarint(static_cast<std::uint32_t>(n) + 1);
    if (kind == Kind::String) return out_.be(static_cast<std::int16_t>(n));
    out_.be(static_cast<std::int32_t>(n));
  }

  void absent(Kind kind, bool nullable, Format format) {
    if (!nullable) return length(kind, 0, format);
    if (format.flexible) return out_.uvarint(0);
    if (kind == Kind::String) return out_.be<std::int16_t>(-1);
    out_.be<std::int32_t>(-1);
  }

  ByteWriter& out_;
};

bool same_records(const Chain& a, const Chain& b) {
  if (a.size() != b.size()) return false;
  Bytes flat[2];
  for (int side = 0; side < 2; ++side) {
    for (const ChainPiece& piece : (side == 0 ? a : b).pieces()) {
      const auto* bytes = std::get_if<SharedBytes>(&piece);
      if (bytes == nullptr) return false;
      flat[side].insert(flat[side].end(), bytes->view().begin(), bytes->view().end());
    }
  }
  return flat[0] == flat[1];
}

template <class T> bool same_value(const void* a, const void* b) {
  return *static_cast<const T*>(a) == *static_cast<const T*>(b);
}

bool same(const Type& type, const void* a, const void* b) {
  a = type.value(a);
  b = type.value(b);
  if (a == nullptr || b == nullptr) return a == b;
  switch (type.kind) {
    case Kind::Bool: return same_value<bool>(a, b);
    case Kind::Int8: return same_value<std::int8_t>(a, b);
    case Kind::Int16: return same_value<std::int16_t>(a, b);
    case Kind::Uint16: return same_value<std::uint16_t>(a, b);
    case Kind::Int32: return same_value<std::int32_t>(a, b);
    case Kind::Int64: return same_value<std::int64_t>(a, b);
    case Kind::Float64:  // bit for bit: not a number equals itself, and zero is not minus zero
      return std::bit_cast<std::uint64_t>(*static_cast<const double*>(a)) ==
             std::bit_cast<std::uint64_t>(*static_cast<const double*>(b));
    case Kind::Uuid: return same_value<Uuid>(a, b);
    case Kind::String: return same_value<std::string>(a, b);
    case Kind::Bytes: return same_value<Bytes>(a, b);
    case Kind::Records: return same_records(*static_cast<const Chain*>(a), *static_cast<const Chain*>(b));
    case Kind::Struct: return equal(type.structure(), a, b);
    case Kind::Array: break;
  }
  const std::size_t count = type.array->size(a);
  if (count != type.array->size(b)) return false;
  const void* first_a = type.array->data(a);
  const void* first_b = type.array->data(b);
  for (std::size_t i = 0; i < count; ++i) {
    if (!same(*type.element, element_at(type, first_a, i), element_at(type, first_b, i))) return false;
  }
  return true;
}

}  // namespace

bool equal(const Struct& declaration, const void* a, const void* b) {
  return std::ranges::all_of(declaration.fields,
                             [&](const Field& f) { return same(*f.type, f.at(a), f.at(b)); });
}

std::size_t encoded_size(const Struct& declaration, const void* message, Format format) {
  return Sizer{}.structure(declaration, message, format);
}

Chain encode(const Struct& declaration, const void* message, Format format, ByteView front) {
  Sizer sizer;
  const std::size_t total = front.size() + sizer.structure(declaration, message, format);
  Bytes reserved;
  reserved.reserve(total - sizer.records_bytes);
  ByteWriter out(std::move(reserved));
  out.bytes(front);
  Writer writer(out);
  writer.structure(declaration, message, format);
  CHECK(out.size() == total - sizer.records_bytes);

  const SharedBytes bytes = SharedBytes::take(out.take());
  Chain chain;
  std::size_t done = 0;
  for (const Writer::RecordsAt& at : writer.records) {
    chain.add(bytes.sub(done, at.position - done));
    chain.add(*at.records);
    done = at.position;
  }
  chain.add(bytes.sub(done, bytes.size() - done));
  return chain;
}

void encode_to(ByteWriter& out, const Struct& declaration, const void* message, Format format) {
  Writer writer(out);
  writer.structure(declaration, message, format);
  CHECK(writer.records.empty());
}

}  // namespace ledge::declare
