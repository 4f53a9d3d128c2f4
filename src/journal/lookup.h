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
  /// The segment's index is damaged and the disk does not give the frames to collect it from.
  void refused(std::uint64_t sequence) {
    refused_.insert(sequence);
    run();
  }
  bool was_refused(std::uint64_t sequence) const { return refused_.contains(sequence); }
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
  std::set<std::uint64_t> refused_;
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
  enum class Phase : std::uint8_t { Begin, Search, Sealed, Open, Gather, Give };
  bool begin();
  bool search();
  bool sealed();
  bool open();
  /// Of a sealed segment; false: the caller returns false (it waits, or the walk has failed).
  bool look_into(std::uint64_t sequence, std::int64_t offset, Reader::Look* out);

  // The way through a journal with relocated and truncate entries: rounds. One gathers rows from
  // `gather_from_` on out of every segment that may hold some, oldest first, so that the newest wins; then
  // gives them in order.
  struct Place {
    std::uint64_t sequence;
    std::shared_ptr<SegmentFile> file;
    bool trusted;
  };
  struct Gathered {
    IndexRow row;
    std::size_t place;
  };
  void begin_gathering();
  bool gather();
  void gather_open();
  void merge(Place place, std::vector<IndexRow> rows, bool more, std::int64_t truncated_to);
  bool give();

  Phase phase_ = Phase::Begin;
  std::uint64_t low_ = 0, high_ = 0, probe_ = 0;  // sequences; the answer is in [low_, high_]
  std::int64_t gather_from_ = 0;
  std::int64_t gathered_to_ = kNotTruncated;  // what was gathered is complete below this offset
  std::uint64_t gather_next_ = 0;             // sequence
  bool primary_seen_ =
      false;  // a segment to which the rows were appended: later ones may only hold moved ones
  std::vector<Place> places_;
  std::vector<Gathered> gathered_;
};

}  // namespace ledge::journal
