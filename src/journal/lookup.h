// SPDX-License-Identifier: Apache-2.0
// One question to the index that may have to wait for the disk: a ladder of steps, each of which is tried
// again from its beginning when what it waited for has come.
#pragma once

#include "journal/reader.h"

namespace ledge::journal {

class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  explicit Lookup(Reader& reader) : reader_(reader), alive_(reader.core().alive) {}
  virtual ~Lookup() = default;
  /// Goes on until done or waiting.
  void run() {
    auto self = shared_from_this();
    if (alive_.expired()) return;
    while (!done_ && step()) {
    }
    if (done_) pinned_.clear();
  }
  /// A piece that was asked for; kept until the next one, so that a full cache cannot starve a lookup.
  void arrived(Reader::Cached cached) {
    if (pinned_.size() >= 2) pinned_.erase(pinned_.begin());
    pinned_.push_back(std::move(cached));
    run();
  }
  const SharedBytes* pinned(std::uint64_t sequence, std::uint32_t number) const {
    for (const auto& p : pinned_)
      if (p.sequence == sequence && p.number == number) return &p.bytes;
    return nullptr;
  }

 protected:
  /// False: waiting for the disk; run() is called again.
  virtual bool step() = 0;
  bool alive() const { return !alive_.expired(); }
  Reader& reader_;
  bool done_ = false;

 private:
  std::weak_ptr<bool> alive_;
  std::vector<Reader::Cached> pinned_;
};

/// Walks segments from the one that holds `offset` on.
class Walk : public Lookup {
 protected:
  Walk(Reader& reader, StreamId stream, std::int64_t offset)
      : Lookup(reader), stream_(stream), offset_(offset) {}
  bool step() final;
  /// Rows from offset_ on, in order; `file` is of their segment. False: enough. Sets offset_ forward by
  /// itself.
  virtual bool rows(std::uint64_t sequence, const std::shared_ptr<SegmentFile>& file, bool trusted,
                    const std::vector<IndexRow>& rows) = 0;
  /// No more rows; or an index that nothing can be read from.
  virtual void end() = 0;
  virtual void failed(Error error) = 0;
  /// What the binary search looks for: the first segment whose index says so.
  virtual bool reached(const Reader::Look& look) const { return look.next_offset > offset_; }
  /// Asked before waiting for the disk. True: what there is will do.
  virtual bool enough() const { return false; }

  Core& core() { return reader_.core(); }
  StreamId stream_;
  std::int64_t offset_;

 private:
  enum class Phase : std::uint8_t { Begin, Search, Sealed, Open };
  bool begin();
  bool search();
  bool sealed();
  bool open();

  Phase phase_ = Phase::Begin;
  std::uint64_t low_ = 0, high_ = 0, probe_ = 0;  // sequences; the answer is in [low_, high_]
};

}  // namespace ledge::journal
