// SPDX-License-Identifier: Apache-2.0
// Group commit: entries become frames, frames become jobs of the journal worker, one at a time. Also rolls to
// the next segment, prepares it ahead, and recycles what is dead. Loop thread.
#pragma once

#include <optional>

#include "journal/core.h"
#include "journal/recovery.h"

namespace ledge::journal {

class Reader;

class Writer {
 public:
  Writer(Core& core, Reader& reader) : core_(core), reader_(reader) {}

  Result<void> append(std::vector<Entry> entries, Durable durable);
  std::uint64_t pending_bytes() const { return pending_bytes_; }
  void drain(os::Callback done);
  /// Looks for segments in which nothing lives, and reuses them.
  void reclaim();

 private:
  // rolling
  Result<void> make_room(std::uint64_t group_bytes, std::span<const Entry> entries);
  /// The last attempt to make one failed.
  bool no_further_segment() const { return next_ == nullptr && prepare_error_.code != ErrorCode::None; }
  Result<void> roll(std::uint64_t group_bytes);
  void seal(OpenSegment& segment);
  void begin_segment(std::uint64_t size, const std::vector<Entry>& snapshot);
  std::uint64_t index_reserve(const OpenSegment& segment, std::size_t more_rows) const;
  void forget_ends_beyond(StreamId stream, std::int64_t offset);
  FramePlan& frame_for(OpenSegment& segment, std::uint64_t bytes);
  std::uint64_t position_for(const OpenSegment& segment, std::uint64_t bytes) const;
  std::uint64_t add_own_entry(OpenSegment& segment, const EntryHeader& header, SharedBytes body);

  // jobs
  void schedule();
  void flush();
  void write(OpenSegment& segment);
  void written(const Result<void>& result);
  void complete(std::vector<FramePlan> frames);
  void segment_sealed();
  void prepare(std::uint64_t sequence, std::uint64_t base, std::uint64_t size);
  void prepared(std::uint64_t sequence, Result<std::shared_ptr<WriteState>> result);
  void recycle();
  void poison(const Error& error);
  bool maintain();
  bool gathers() const;

  /// What one job carries; shared with the worker.
  struct Job {
    std::vector<FramePlan> frames;
    std::shared_ptr<WriteState> state;
    Bytes footer;
    std::uint32_t run = 0;
    bool sync = true;
    Result<void> result;
    std::uint64_t bytes_written = 0;
    Duration took{};  // writing and syncing, on the worker: without the queue before and after it
  };
  static Result<void> run_job(Job& job);

  Core& core_;
  Reader& reader_;
  std::shared_ptr<Job> job_;
  bool in_flight_ = false;  // a job of any kind
  bool scheduled_ = false;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t last_job_bytes_ = 0;         // of its frames; 0: none yet
  Instant window_end_;                       // of the commit that gathers, with Options::commit_window
  std::unique_ptr<os::Timer> window_timer_;  // set while one does
  std::vector<os::Callback> drained_;
  bool draining_ = false;
  bool mark_wanted_ = false;  // records are durable that no later frame says so of

  // the segment after the open one, made ready ahead
  std::shared_ptr<WriteState> next_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t preparing_sequence_ = 0;
  std::uint64_t preparing_size_ = 0;
  Error prepare_error_;    // until an attempt succeeds
  bool refusing_ = false;  // a group found no room for want of a further segment
  std::unique_ptr<os::Timer> retry_;
  std::vector<std::uint64_t> dead_;  // segments to recycle when no slice holds them
};

}  // namespace ledge::journal
