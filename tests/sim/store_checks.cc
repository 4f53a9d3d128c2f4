// SPDX-License-Identifier: Apache-2.0
// What is looked at after every start of a simulated box.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "store_run.h"
#include "wire/kafka/record_batch.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kDecompressedBytesMax = 1 << 24;
constexpr Duration kPatience = 120s;
}  // namespace

void StoreRun::check_identity() {
  const store::Identity& now = life_->store->identity();
  life_->store->when_ready([this, now] {
    if (life_->store->health().code != ErrorCode::None) return;  // never durable, so nobody may know it
    oracle_.require(cluster_id_.is_zero() || cluster_id_ == now.cluster_id, "the cluster id changed");
    oracle_.require(journal_id_.is_zero() || journal_id_ == now.journal_id, "the journal id changed");
    oracle_.require(now.boot_epoch > boot_epoch_,
                    "boot epoch " + std::to_string(now.boot_epoch) + " after " + std::to_string(boot_epoch_));
    cluster_id_ = now.cluster_id;
    journal_id_ = now.journal_id;
    boot_epoch_ = now.boot_epoch;
  });
}

/// Damage to the box's own state is reported, not repaired: then topics may be missing, and the run ends
/// there.
void StoreRun::check_topics() {
  for (Topic& topic : topics_) {
    const state::TopicView* found = life_->store->topics().find(topic.name);
    switch (topic.presence) {
      case Presence::There:
        if (topic.deleting && found == nullptr) {
          topic.presence = Presence::Gone;
        } else if (found == nullptr) {
          oracle_.violate(topic.name + " was acknowledged as created and is gone");
        } else {
          topic.deleting = false;
          oracle_.require(found->id == topic.id, topic.name + " has another id than before");
          oracle_.require(found->partitions == topic.partitions,
                          topic.name + " has another number of partitions");
        }
        break;
      case Presence::Unknown:
        topic.presence = found == nullptr ? Presence::Gone : Presence::There;
        if (found != nullptr) topic.id = found->id;
        break;
      case Presence::Gone:
        oracle_.require(found == nullptr, topic.name + " was deleted, or never created, and is there");
        break;
    }
  }
}

void StoreRun::check_logs() {
  for (const Topic& topic : topics_) {
    if (topic.presence != Presence::There || topic.deleting) continue;
    for (std::int32_t i = 0; i < topic.partitions && !stopped(); ++i) check_log(topic, i);
  }
}

void StoreRun::check_log(const Topic& topic, std::int32_t index) {
  auto partition = life_->store->partition(topic.id, index);
  if (partition == nullptr) return oracle_.violate(topic.name + " has lost a partition");
  const std::string log = partition_name(topic.id, index);
  oracle_.leader_epoch_seen(log, partition->leader_epoch());
  std::vector<Oracle::ReadRecord> records;
  std::vector<std::pair<std::int64_t, std::int64_t>> lost;
  const std::int64_t end = partition->high_watermark();
  for (std::int64_t offset = partition->log_start(); offset < end && !stopped();)
    if (!read_on(partition, log, &offset, &records, &lost)) return;
  if (!stopped()) oracle_.whole_log(log, records, partition->log_start(), end, lost);
  // One bit is in one batch, at most.
  oracle_.require(lost.size() <= 1, log + ": one flipped bit, and more than one range is lost");
}

bool StoreRun::read_on(const store::PartitionPtr& partition, const std::string& log, std::int64_t* offset,
                       std::vector<Oracle::ReadRecord>* out,
                       std::vector<std::pair<std::int64_t, std::int64_t>>* lost) {
  std::optional<store::Read> read;
  std::optional<Result<SharedBytes>> bytes;
  life_->store->read(partition, *offset, 1 + random_.below(200000), true, store::Isolation::ReadUncommitted,
                     [&](store::Read answer) {
                       read = std::move(answer);
                       if (read->error.code != ErrorCode::None) return;
                       life_->store->journal().load(read->slices,
                                                    [&](auto loaded) { bytes = std::move(loaded); });
                     });
  const bool answered = world_.run_until(
      [&] { return bytes.has_value() || (read && read->error.code != ErrorCode::None); }, kPatience);
  const std::string where = log + " offset " + std::to_string(*offset);
  if (!answered) {
    oracle_.violate(where + ": no answer to a read");
    return false;
  }
  const Error error = !bytes ? read->error : *bytes ? Error{} : bytes->error();
  if (error.code != ErrorCode::None) {
    const std::size_t next = error.detail.rfind("next readable offset ");
    if (damaged_ && next != std::string::npos) {
      const auto from = std::atoll(error.detail.c_str() + next + 21);
      oracle_.require(from > *offset, where + ": no way past the damage: " + error.text());
      lost->push_back({*offset, from - 1});
      *offset = from;
      return from > lost->back().first;
    }
    oracle_.violate(where + ": " + error.text());
    return false;
  }
  if (read->slices.empty()) {
    oracle_.violate(where + ": nothing to read below the high watermark");
    return false;
  }
  std::size_t at = 0;
  for (const journal::Slice& slice : read->slices) {
    take_batch(log, (*bytes)->view().subspan(at, slice.bytes.length), *offset, out);
    at += slice.bytes.length;
  }
  *offset = read->slices.back().last_offset + 1;
  return !stopped();
}

void StoreRun::take_batch(const std::string& log, ByteView batch, std::int64_t from,
                          std::vector<Oracle::ReadRecord>* out) {
  const auto header = kafka::read_batch_header(batch);
  if (!header || header->total_bytes() != batch.size() || !kafka::batch_checksum_ok(batch))
    return oracle_.violate(log + ": a damaged batch was served");
  auto walked = kafka::for_each_record(batch, kDecompressedBytesMax, [&](const kafka::RecordView& record) {
    if (record.offset < from) return true;
    const auto id = oracle_.identify(log, record.offset, record.value.value_or(ByteView{}));
    if (id) out->push_back({record.offset, *id, header->leader_epoch});
    return id.has_value();
  });
  oracle_.require(walked.has_value(), log + ": a batch that cannot be read was served");
}

}  // namespace ledge::sim
