// SPDX-License-Identifier: Apache-2.0
// Who this box is, and which of its starts this is. Every start is a record: its number is the boot epoch,
// from which partitions count their leader epochs, and its random boot id tells a start of this disk from one
// of a restored or cloned image with the same number.
#pragma once

#include <deque>

#include "state/record.h"

namespace ledge::state {

class IdentityMachine {
 public:
  struct Boot {
    std::int32_t epoch = -1;
    Uuid id;
  };

  Bytes decide_identity(const Uuid& cluster_id) const;
  /// The start that follows the last one. Its epoch is at least `epoch_min`: where the record of a start was
  /// lost, the epochs in the partitions still tell of it.
  Bytes decide_boot(const Uuid& boot_id, std::int32_t epoch_min) const;

  Result<void> apply(RecordType type, std::uint8_t version, RecordReader& record);

  const Uuid& cluster_id() const { return cluster_id_; }  // zero before the first start
  /// The newest start; epoch -1 before the first.
  const Boot& boot() const { return boots_.empty() ? kNone : boots_.back(); }
  /// The id of an earlier start; zero when it is not known any more.
  Uuid boot_id(std::int32_t epoch) const;

  void save(RecordWriter& out) const;
  Result<void> load(RecordReader& in);

 private:
  static const Boot kNone;
  Uuid cluster_id_;
  std::deque<Boot> boots_;  // by epoch, without gaps; the last limits::boots_kept ones
};

/// Producer ids are handed out from durable blocks, so that none is ever given twice, whatever a power cut
/// takes: what was left of a block at the cut is skipped.
class ProducerIdMachine {
 public:
  static constexpr std::int64_t kBlock = 1000;

  bool empty() const { return next_ == end_; }
  /// Precondition: not empty.
  std::int64_t take();
  Bytes decide_block() const;
  /// At run time a block is handed out from once its record is durable: applied by then, used after open().
  Result<void> apply(std::uint8_t version, RecordReader& record);
  void open_block(std::int64_t first);
  std::int64_t reserved_end() const { return reserved_end_; }
  /// Where records of blocks may have been lost: no id below `end` is handed out any more.
  void skip_to(std::int64_t end);

  void save(RecordWriter& out) const;
  Result<void> load(RecordReader& in);

 private:
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::int64_t reserved_end_ = 0;
};

}  // namespace ledge::state
