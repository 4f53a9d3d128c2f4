// SPDX-License-Identifier: Apache-2.0
#include "consumer_protocol.h"

#include <algorithm>
#include <vector>

namespace ledge::sim {

namespace {
constexpr std::int16_t kSubscriptionVersion = 2, kAssignmentVersion = 1;

void put_text(ByteWriter& out, const std::string& text) {
  out.be(static_cast<std::int16_t>(text.size()));
  out.text(text);
}

void put_partitions(ByteWriter& out, const std::string& topic, const Partitions& partitions) {
  out.be(std::int32_t{partitions.empty() ? 0 : 1});
  if (partitions.empty()) return;
  put_text(out, topic);
  out.be(static_cast<std::int32_t>(partitions.size()));
  for (std::int32_t partition : partitions) out.be(partition);
}

void skip_text(ByteReader& in) { in.take(static_cast<std::size_t>(in.be<std::int16_t>())); }

Partitions get_partitions(ByteReader& in) {
  Partitions out;
  for (auto topics = in.be<std::int32_t>(); topics > 0 && in.ok(); --topics) {
    skip_text(in);
    for (auto count = in.be<std::int32_t>(); count > 0 && in.ok(); --count) out.insert(in.be<std::int32_t>());
  }
  return out;
}
}  // namespace

Bytes encode_subscription(const std::string& topic, const Subscription& subscription) {
  ByteWriter out;
  out.be(kSubscriptionVersion);
  out.be(std::int32_t{1});
  put_text(out, topic);
  out.be(std::int32_t{-1});  // no user data
  put_partitions(out, topic, subscription.owned);
  out.be(subscription.generation);
  return out.take();
}

Subscription decode_subscription(ByteView bytes) {
  ByteReader in{bytes};
  in.be<std::int16_t>();
  for (auto topics = in.be<std::int32_t>(); topics > 0 && in.ok(); --topics) skip_text(in);
  in.be<std::int32_t>();
  Subscription out;
  out.owned = get_partitions(in);
  out.generation = in.be<std::int32_t>();
  return out;
}

Bytes encode_assignment(const std::string& topic, const Partitions& partitions) {
  ByteWriter out;
  out.be(kAssignmentVersion);
  put_partitions(out, topic, partitions);
  out.be(std::int32_t{-1});
  return out.take();
}

Partitions decode_assignment(ByteView bytes) {
  if (bytes.empty()) return {};  // what a leader gave nothing
  ByteReader in{bytes};
  in.be<std::int16_t>();
  return get_partitions(in);
}

std::map<std::string, Partitions> plan(const std::map<std::string, Subscription>& members, int count,
                                       bool cooperative) {
  // Who owns what: of two that claim the same, the one of the later generation.
  std::map<std::int32_t, const std::string*> owner;
  if (cooperative) {
    for (const auto& [id, subscription] : members) {
      for (std::int32_t partition : subscription.owned) {
        const std::string*& known = owner[partition];
        if (known == nullptr || members.at(*known).generation < subscription.generation) known = &id;
      }
    }
  }
  std::map<std::string, Partitions> claims, out;
  for (const auto& [id, subscription] : members) claims[id], out[id];
  for (const auto& [partition, id] : owner) claims[*id].insert(partition);
  std::vector<std::string> by_claims;
  for (const auto& [id, claimed] : claims) by_claims.push_back(id);
  std::ranges::stable_sort(by_claims, std::greater{},
                           [&](const std::string& id) { return claims[id].size(); });

  const auto share = static_cast<std::size_t>(count) / members.size();
  std::size_t with_one_more = static_cast<std::size_t>(count) % members.size();
  std::int32_t next = 0;
  for (const std::string& id : by_claims) {
    const std::size_t quota = share + (with_one_more > 0 ? 1 : 0);
    if (with_one_more > 0) --with_one_more;
    for (std::int32_t partition : claims[id])
      if (out[id].size() < quota) out[id].insert(partition);
    for (; next < count && out[id].size() < quota; ++next)
      if (!owner.contains(next)) out[id].insert(next);
  }
  return out;
}

}  // namespace ledge::sim
