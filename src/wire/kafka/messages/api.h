// SPDX-License-Identifier: Apache-2.0
// What all messages of the Kafka protocol have in common. A message is a struct M with M::api and
// M::declaration(); decode, encode and print are the same three functions for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "declare/message.h"

namespace ledge::kafka {

/// An API: a request and its response. The versions are those that Kafka 4.2 serves.
struct Api {
  std::int16_t key = -1;
  std::string_view name;  // "Produce"
  std::int16_t min_version = 0;
  std::int16_t max_version = 0;
  /// From this version on lengths are compact and structs end in tagged fields (KIP-482); kNeverFlexible if
  /// there is none.
  std::int16_t first_flexible = 0;

  static constexpr std::int16_t kNeverFlexible = declare::Versions::kOpen;
  constexpr bool serves(std::int16_t version) const {
    return version >= min_version && version <= max_version;
  }
  constexpr declare::Format format(std::int16_t version) const {
    return {version, version >= first_flexible};
  }
};

/// The message at the front of `body`, which is what stands behind the header. Records in it share the frame.
/// Errors: declare::decode(). Bytes behind the message are no error, as in Kafka; `left_over` says how many
/// there are. The caller has checked that the version is served.
template <class M>
Result<M> decode(const SharedBytes& body, std::int16_t version, std::size_t* left_over = nullptr) {
  Result<M> message{std::in_place};
  TRY_VOID(declare::decode(M::declaration(), &*message, body, M::api.format(version), left_over));
  return message;
}

/// The body without a header, behind `front` if there is one (length and header, to have them in the same
/// buffer).
template <class M> Chain encode(const M& message, std::int16_t version, ByteView front = {}) {
  return declare::encode(M::declaration(), &message, M::api.format(version), front);
}

/// The size of what encode() gives.
template <class M> std::size_t encoded_size(const M& message, std::int16_t version) {
  return declare::encoded_size(M::declaration(), &message, M::api.format(version));
}

/// One line for the log.
template <class M> std::string print(const M& message, std::int16_t version) {
  return declare::print(M::declaration(), &message, version);
}

template <class M> bool equal(const M& a, const M& b) { return declare::equal(M::declaration(), &a, &b); }

}  // namespace ledge::kafka
