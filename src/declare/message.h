// SPDX-License-Identifier: Apache-2.0
// The message engine. A message is a struct whose members carry Kafka's defaults, and one row per member:
// Kafka's name for it, the versions that have it, where it may be null, its tag, and a line on its meaning.
// The same rows decode, encode, size, compare, print and document the message, and are compared with Kafka's
// own definitions.
//
// The rows are plain constants and the engine is ordinary code that walks them (message.cc), so a message
// costs a few hundred bytes of tables and hardly any compile time.
//
// Kafka's rules that hold here:
// - a field that the version does not have is not written, whatever its value, and keeps its default when
// read;
// - a tagged field is written only if it differs from its default; unknown tags are skipped;
// - null where the version does not allow it is refused when read, and written as the empty value;
// - a string too long for the wire (limits::string_bytes_max) is cut when written and refused when read.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/chain.h"
#include "base/uuid.h"

namespace ledge::declare {

/// A range of versions in Kafka's spelling: "3", "3+", "0-12" or "none".
struct Versions {
  static constexpr std::int16_t kOpen = std::numeric_limits<std::int16_t>::max();
  std::int16_t first = 0;
  std::int16_t last = -1;

  constexpr Versions() = default;
  constexpr Versions(std::int16_t from, std::int16_t to) : first(from), last(to) {}
  consteval Versions(const char* text) {  // NOLINT: rows read best without a call around each range
    if (std::string_view{text} == "none") return;
    first = number(text);
    last = first;
    if (*text == '+') last = kOpen, ++text;
    if (*text == '-') last = number(++text);
    if (*text != 0) throw "not a range of versions";
  }
  constexpr bool has(std::int16_t version) const { return version >= first && version <= last; }
  constexpr bool none() const { return last < first; }
  std::string text() const;

 private:
  static consteval std::int16_t number(const char*& text) {
    if (*text < '0' || *text > '9') throw "a version is a number";
    std::int16_t value = 0;
    for (; *text >= '0' && *text <= '9'; ++text) value = static_cast<std::int16_t>(value * 10 + *text - '0');
    return value;
  }
};

/// Kafka's type names, see kind_name().
enum class Kind : std::uint8_t {
  Bool,
  Int8,
  Int16,
  Uint16,
  Int32,
  Int64,
  Float64,
  Uuid,
  String,
  Bytes,
  Records,
  Array,
  Struct
};
std::string_view kind_name(Kind kind);

struct Struct;

/// How the engine reaches what a std::optional and a std::vector hold without knowing their types.
struct OptionalOps {
  void* (*value)(void* optional);    // nullptr when there is none
  void* (*emplace)(void* optional);  // a new value
  void (*reset)(void* optional);
};
struct ArrayOps {
  std::size_t (*size)(const void* array);
  void* (*resize)(void* array, std::size_t size);  // new elements have their defaults; the first element
  const void* (*data)(const void* array);
};

/// A member's C++ type as the engine sees it.
struct Type {
  Kind kind;
  std::size_t bytes;             // sizeof, the optional included
  const OptionalOps* optional;   // nullptr: never null
  const ArrayOps* array;         // of Array
  const Type* element;           // of Array
  const Struct& (*structure)();  // of Struct
  bool is_optional = false;      // as `optional`, for consteval: g++'s UBSan cannot compare an address there
  const void* value(const void* at) const { return optional ? optional->value(const_cast<void*>(at)) : at; }
};

/// One member. Made by field<&T::member>(…) and the functions that follow it.
struct Field {
  std::string_view name;
  Versions versions;
  std::string_view meaning;
  const Type* type = nullptr;
  void* (*member)(void* structure) = nullptr;
  Versions null_in;
  Versions tagged_in;
  std::int32_t tag = -1;
  bool may_ignore = false;
  bool never_flexible = false;

  /// The versions in which the field may be null; its member is an optional then.
  consteval Field nullable(Versions in) const {
    if (!type->is_optional) throw "a nullable member is a std::optional";
    Field f = *this;
    f.null_in = in;
    return f;
  }
  consteval Field tagged(std::int32_t number, Versions in) const {
    Field f = *this;
    f.tag = number;
    f.tagged_in = in;
    return f;
  }
  /// Kafka's "ignorable": a writer may drop a value that the version cannot carry. Here every value may be
  /// dropped; the mark is kept for the documentation and for check-wire.
  consteval Field ignorable() const {
    Field f = *this;
    f.may_ignore = true;
    return f;
  }
  /// Keeps the classic encoding in flexible versions too.
  consteval Field classic() const {
    Field f = *this;
    f.never_flexible = true;
    return f;
  }

  const void* at(const void* structure) const { return member(const_cast<void*>(structure)); }
};

/// Declared tags are below this.
inline constexpr std::int32_t kTagsMax = 64;

struct Struct {
  std::string_view name;
  std::span<const Field> fields;  // in the order of the wire
  const void* (*defaults)();      // an instance as constructed
};

// --- Making rows

namespace detail {

template <class T> struct Held {
  using type = T;
  static constexpr bool optional = false;
};
template <class T> struct Held<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};
template <class T> struct Item {
  using type = void;
};
template <class T> struct Item<std::vector<T>> {
  using type = T;
};

template <class O>
inline constexpr OptionalOps optional_ops{[](void* o) -> void* {
                                            auto& held = *static_cast<O*>(o);
                                            return held ? &*held : nullptr;
                                          },
                                          [](void* o) -> void* {
                                            // Not emplace(): clang takes a nested struct whose members have
                                            // defaults for one that has no default constructor.
                                            auto& held = *static_cast<O*>(o);
                                            held = typename O::value_type{};
                                            return &*held;
                                          },
                                          [](void* o) { static_cast<O*>(o)->reset(); }};

template <class A>
inline constexpr ArrayOps array_ops{
    [](const void* a) { return static_cast<const A*>(a)->size(); },
    [](void* a, std::size_t n) -> void* {
      auto& array = *static_cast<A*>(a);
      array = A(n);
      return array.data();
    },
    [](const void* a) -> const void* { return static_cast<const A*>(a)->data(); }};

template <class T> consteval Kind kind_of() {
  if (std::is_same_v<T, bool>) return Kind::Bool;
  if (std::is_same_v<T, std::int8_t>) return Kind::Int8;
  if (std::is_same_v<T, std::int16_t>) return Kind::Int16;
  if (std::is_same_v<T, std::uint16_t>) return Kind::Uint16;
  if (std::is_same_v<T, std::int32_t>) return Kind::Int32;
  if (std::is_same_v<T, std::int64_t>) return Kind::Int64;
  if (std::is_same_v<T, double>) return Kind::Float64;
  if (std::is_same_v<T, ledge::Uuid>) return Kind::Uuid;
  if (std::is_same_v<T, std::string>) return Kind::String;
  if (std::is_same_v<T, ledge::Bytes>) return Kind::Bytes;
  if (std::is_same_v<T, Chain>) return Kind::Records;
  if (!std::is_void_v<typename Item<T>::type>) return Kind::Array;
  return Kind::Struct;
}

template <class T> consteval Type make_type();
template <class T> inline constexpr Type type_of = make_type<T>();

template <class T> consteval Type make_type() {
  using Value = typename Held<T>::type;
  Type type{kind_of<Value>(), sizeof(T), nullptr, nullptr, nullptr, nullptr};
  if constexpr (Held<T>::optional) type.optional = &optional_ops<T>;
  type.is_optional = Held<T>::optional;
  if constexpr (kind_of<Value>() == Kind::Array) {
    type.array = &array_ops<Value>;
    type.element = &type_of<typename Item<Value>::type>;
  }
  if constexpr (kind_of<Value>() == Kind::Struct) type.structure = &Value::declaration;
  return type;
}

template <class C, class M> C class_of(M C::*);
template <class C, class M> M member_of(M C::*);

}  // namespace detail

/// The row of a member; `versions` are those that have it, `meaning` is one sentence for people.
template <auto Member>
consteval Field field(std::string_view name, Versions versions, std::string_view meaning) {
  using C = decltype(detail::class_of(Member));
  using M = decltype(detail::member_of(Member));
  Field f;
  f.name = name;
  f.versions = versions;
  f.meaning = meaning;
  f.type = &detail::type_of<M>;
  f.member = [](void* s) -> void* { return &(static_cast<C*>(s)->*Member); };
  return f;
}

/// The declaration of T; `rows` has static storage.
template <class T, std::size_t N>
consteval Struct structure(std::string_view name, const std::array<Field, N>& rows) {
  std::int32_t tag_before = -1;
  for (const Field& f : rows) {
    if (f.tag < 0) continue;
    if (f.tag >= kTagsMax) throw "tags are below kTagsMax";
    if (f.tag <= tag_before) throw "tagged fields stand in the order of their tags";
    tag_before = f.tag;
  }
  return {name, rows, []() -> const void* {
            static const T as_constructed{};
            return &as_constructed;
          }};
}

// --- What the rows do

/// How one version of a message is encoded.
struct Format {
  std::int16_t version = 0;
  bool flexible = false;  // compact lengths and tagged fields (KIP-482)
};

/// Reads the message from the front of `body` into `out`, which is as constructed. Records share `body`.
/// Truncated or Malformed (a length, count or null that the format does not allow) or LimitExceeded
/// (array_elements_max, decode_memory_factor, decode_memory_bytes_max), with the field's path in the detail.
/// `left_over` gets the number of bytes behind the message.
Result<void> decode(const Struct& declaration, void* out, const SharedBytes& body, Format format,
                    std::size_t* left_over);

/// Exactly the bytes that encoding gives, records included.
std::size_t encoded_size(const Struct& declaration, const void* message, Format format);

/// `front` followed by the message. All but records is one buffer; records are added as they are.
Chain encode(const Struct& declaration, const void* message, Format format, ByteView front = {});
/// The same behind what `out` has; for messages without records.
void encode_to(ByteWriter& out, const Struct& declaration, const void* message, Format format);

/// Whether all fields are equal. Records are equal when their bytes in memory are; file ranges never are.
bool equal(const Struct& declaration, const void* a, const void* b);

/// One line for the log, cut at limits::log_message_bytes_max. Records and bytes show their size only.
std::string print(const Struct& declaration, const void* message, std::int16_t version);

/// The rows as the "fields" of Kafka's JSON definitions; defaults are those of the struct.
void append_definition(std::string& out, const Struct& declaration);
/// The rows of a Markdown table: field, type, versions, default, meaning. Nested fields follow with their
/// path. Versions are told as they are within `valid`, "all" if they are all of those.
void append_reference(std::string& out, const Struct& declaration, Versions valid);

}  // namespace ledge::declare
