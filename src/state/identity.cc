// SPDX-License-Identifier: Apache-2.0
#include "state/identity.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace ledge::state {
namespace {

constexpr std::uint8_t kIdentityVersion = 0;
constexpr std::uint8_t kBootVersion = 0;
constexpr std::uint8_t kBlockVersion = 0;
constexpr std::uint8_t kSnapshotVersion = 0;

}  // namespace

const IdentityMachine::Boot IdentityMachine::kNone = {};

Bytes IdentityMachine::decide_identity(const Uuid& cluster_id) const {
  CHECK(cluster_id_.is_zero());
  RecordWriter record;
  record.begin(RecordType::Identity, kIdentityVersion);
  record.uuid(cluster_id);
  return record.take();
}

Bytes IdentityMachine::decide_boot(const Uuid& boot_id, std::int32_t epoch_min) const {
  CHECK(!cluster_id_.is_zero());
  RecordWriter record;
  record.begin(RecordType::Boot, kBootVersion);
  record.le(std::max(boot().epoch + 1, epoch_min));
  record.uuid(boot_id);
  return record.take();
}

Result<void> IdentityMachine::apply(RecordType type, std::uint8_t version, RecordReader& record) {
  if (type == RecordType::Identity) {
    TRY_VOID(expect_version(version, kIdentityVersion, "record of the identity"));
    const Uuid cluster_id = record.uuid();
    TRY_VOID(record.finish("record of the identity"));
    if (!cluster_id_.is_zero() || cluster_id.is_zero())
      return fail(ErrorCode::Malformed, "record of the identity: there is one already, or it is empty");
    cluster_id_ = cluster_id;
    return {};
  }
  CHECK(type == RecordType::Boot);
  TRY_VOID(expect_version(version, kBootVersion, "record of a start"));
  Boot next;
  next.epoch = record.le<std::int32_t>();
  next.id = record.uuid();
  TRY_VOID(record.finish("record of a start"));
  // Never a lower one. A gap can be: the record of a start may lie in a damaged part of the journal.
  if (next.epoch <= boot().epoch)
    return fail(ErrorCode::Malformed, "record of a start: its epoch was there before");
  boots_.push_back(next);
  if (std::cmp_greater(boots_.size(), limits::boots_kept)) boots_.pop_front();
  return {};
}

Uuid IdentityMachine::boot_id(std::int32_t epoch) const {
  for (auto at = boots_.rbegin(); at != boots_.rend(); ++at) {
    if (at->epoch == epoch) return at->id;
  }
  return {};
}

void IdentityMachine::save(RecordWriter& out) const {
  out.le(kSnapshotVersion);
  out.uuid(cluster_id_);
  out.uvarlong(boots_.size());
  for (const Boot& boot : boots_) {
    out.le(boot.epoch);
    out.uuid(boot.id);
  }
}

Result<void> IdentityMachine::load(RecordReader& in) {
  TRY_VOID(expect_version(in.le<std::uint8_t>(), kSnapshotVersion, "snapshot of the identity"));
  cluster_id_ = in.uuid();
  for (std::size_t n = in.count(sizeof(std::int32_t) + sizeof(Uuid)); n > 0; --n) {
    Boot next;
    next.epoch = in.le<std::int32_t>();
    next.id = in.uuid();
    if (next.epoch <= boot().epoch)
      return fail(ErrorCode::Malformed, "snapshot of the identity: starts are not in order");
    boots_.push_back(next);
  }
  if (!in.ok() || cluster_id_.is_zero())
    return fail(ErrorCode::Malformed, "snapshot of the identity: ends too early or is empty");
  return {};
}

std::int64_t ProducerIdMachine::take() {
  CHECK(!empty());
  return next_++;
}

Bytes ProducerIdMachine::decide_block() const {
  RecordWriter record;
  record.begin(RecordType::ProducerIdBlock, kBlockVersion);
  record.le(reserved_end_);
  record.le(reserved_end_ + kBlock);
  return record.take();
}

Result<void> ProducerIdMachine::apply(std::uint8_t version, RecordReader& record) {
  TRY_VOID(expect_version(version, kBlockVersion, "record of a producer id block"));
  const auto first = record.le<std::int64_t>();
  const auto end = record.le<std::int64_t>();
  TRY_VOID(record.finish("record of a producer id block"));
  if (first < reserved_end_ || end <= first)
    return fail(ErrorCode::Malformed, "record of a producer id block: was reserved before");
  reserved_end_ = end;
  return {};
}

void ProducerIdMachine::open_block(std::int64_t first) {
  CHECK(empty() && first >= next_ && first + kBlock <= reserved_end_);
  next_ = first;
  end_ = first + kBlock;
}

void ProducerIdMachine::skip_to(std::int64_t end) {
  CHECK(empty());
  reserved_end_ = std::max(reserved_end_, end);
}

void ProducerIdMachine::save(RecordWriter& out) const {
  out.le(kSnapshotVersion);
  out.le(reserved_end_);
}

Result<void> ProducerIdMachine::load(RecordReader& in) {
  TRY_VOID(expect_version(in.le<std::uint8_t>(), kSnapshotVersion, "snapshot of the producer ids"));
  reserved_end_ = in.le<std::int64_t>();
  if (!in.ok() || reserved_end_ < 0) return fail(ErrorCode::Malformed, "snapshot of the producer ids");
  return {};
}

}  // namespace ledge::state
