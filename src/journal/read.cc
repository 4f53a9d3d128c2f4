// SPDX-License-Identifier: Apache-2.0
// The questions that the store asks: batches from an offset, by timestamp; and their bytes.
#include <fmt/format.h>

#include <algorithm>

#include "journal/lookup.h"

namespace ledge::journal {

namespace {

Error lost(StreamId stream, std::int64_t from, std::int64_t next) {
  return {ErrorCode::JournalDamaged,
          fmt::format("stream {}: offsets {} to {} are lost; next readable offset {}",
                      static_cast<std::uint64_t>(stream), from, next - 1, next)};
}

// What a look at a stored batch comes to. A disk that does not give it now may give it later: only bytes that
// were read and are wrong are damage.
enum class Checked : std::uint8_t { Damaged, Sound, Unreadable };

// Which of the slices hold what was written. Runs on the read worker; brings their pages into the cache.
std::vector<Checked> check(const std::vector<Slice>& slices) {
  std::vector<Checked> out(slices.size(), Checked::Damaged);
  Bytes buffer;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const FileRange& range = slices[i].bytes;
    const auto& file = static_cast<const SegmentFile&>(*range.file);
    if (range.position < kFirstFrameAt + kEntryHeaderBytes) continue;
    buffer.resize(kEntryHeaderBytes + range.length);
    auto got = file.read_at(range.position - kEntryHeaderBytes, buffer);
    if (!got)
      out[i] = Checked::Unreadable;
    else if (*got == buffer.size() &&
             entry_is_sound(buffer, file, range.position - kEntryHeaderBytes, range.length))
      out[i] = Checked::Sound;
  }
  return out;
}

class ReadWalk final : public Walk {
 public:
  ReadWalk(Reader& reader, StreamId stream, std::int64_t offset, std::uint64_t bytes_max,
           std::function<Slice(std::shared_ptr<SegmentFile>, const IndexRow&)> slice_of,
           Journal::SlicesRead done)
      : Walk(reader, stream, offset),
        bytes_max_(bytes_max),
        slice_of_(std::move(slice_of)),
        answer_(std::move(done)) {}

 private:
  bool rows(std::uint64_t sequence, const std::shared_ptr<SegmentFile>& file, bool trusted,
            const std::vector<IndexRow>& rows) override {
    std::int64_t expected = offset_;
    bool last = false;
    std::vector<Slice> chosen;
    for (const IndexRow& row : rows) {
      const Stream* s = core().find(stream_);
      if (!s || row.last_offset >= s->durable_offset) {
        last = true;
        break;
      }
      if (row.first_offset > expected) {
        if (slices_.empty() && chosen.empty()) {
          answer(std::unexpected(lost(stream_, expected, row.first_offset)));
          return false;
        }
        last = true;  // the next read will be told of the gap
        break;
      }
      bool first = slices_.empty() && chosen.empty();
      if (!first && bytes_ + row.length > bytes_max_) {
        last = true;
        break;
      }
      bytes_ += row.length;
      expected = row.last_offset + 1;
      chosen.push_back(slice_of_(file, row));
    }
    if (trusted || chosen.empty()) {
      std::ranges::move(chosen, std::back_inserter(slices_));
      if (last) answer(std::move(slices_));
      return !last;
    }
    verify(sequence, std::move(chosen), last);
    return false;
  }

  // What this process neither wrote nor checked is checked before it is served.
  void verify(std::uint64_t sequence, std::vector<Slice> chosen, bool last) {
    struct Work {
      std::vector<Slice> slices;
      std::vector<Checked> checked;
    };
    auto work = std::make_shared<Work>();
    work->slices = std::move(chosen);
    auto self = std::static_pointer_cast<ReadWalk>(shared_from_this());
    core().env.read_worker.submit([work] { work->checked = check(work->slices); },
                                  [self, work, sequence, last] {
                                    if (!self->alive()) return;
                                    self->verified(sequence, std::move(work->slices), work->checked, last);
                                  });
  }

  void verified(std::uint64_t sequence, std::vector<Slice> chosen, const std::vector<Checked>& checked,
                bool last) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (checked[i] == Checked::Sound) {
        offset_ = chosen[i].last_offset + 1;
        slices_.push_back(std::move(chosen[i]));
        continue;
      }
      if (checked[i] == Checked::Unreadable)
        return failed({ErrorCode::DiskFailed, segment_name(sequence) + " cannot be read now"});
      if (auto it = core().sealed.find(sequence); it != core().sealed.end())
        core().note_damage(it->second,
                           {stream_, chosen[i].first_offset, chosen[i].last_offset, segment_name(sequence),
                            it->second.base + chosen[i].bytes.position, "the body's checksum is wrong"});
      if (slices_.empty())
        answer(std::unexpected(lost(stream_, offset_, chosen[i].last_offset + 1)));
      else
        answer(std::move(slices_));
      return;
    }
    if (last)
      answer(std::move(slices_));
    else
      run();
  }

  void end() override {
    const Stream* s = core().find(stream_);
    if (slices_.empty() && s && offset_ < s->durable_offset)
      answer(std::unexpected(lost(stream_, offset_, s->durable_offset)));
    else
      answer(std::move(slices_));
  }
  void failed(Error error) override {
    if (slices_.empty())
      answer(std::unexpected(std::move(error)));
    else
      answer(std::move(slices_));
  }
  bool enough() const override { return !slices_.empty(); }
  void answer(Result<std::vector<Slice>> result) {
    if (done_) return;
    done_ = true;
    auto call = std::move(answer_);
    call(std::move(result));
  }

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::vector<Slice> slices_;
  std::function<Slice(std::shared_ptr<SegmentFile>, const IndexRow&)> slice_of_;
  Journal::SlicesRead answer_;
};

class TimestampWalk final : public Walk {
 public:
  using SliceOf = std::function<Slice(std::shared_ptr<SegmentFile>, const IndexRow&)>;
  /// `largest`: the first batch with the largest timestamp of all, instead of the first that reaches one.
  TimestampWalk(Reader& reader, StreamId stream, std::int64_t from, std::int64_t timestamp, bool largest,
                SliceOf slice_of, Journal::SliceFound done)
      : Walk(reader, stream, from),
        timestamp_(timestamp),
        largest_(largest),
        slice_of_(std::move(slice_of)),
        answer_(std::move(done)) {}

 private:
  bool rows(std::uint64_t, const std::shared_ptr<SegmentFile>& file, bool,
            const std::vector<IndexRow>& rows) override {
    for (const IndexRow& row : rows) {
      const Stream* s = core().find(stream_);
      if (!s || row.last_offset >= s->durable_offset) {
        end();
        return false;
      }
      if (largest_ ? !best_ || row.max_timestamp > best_->max_timestamp : row.max_timestamp >= timestamp_) {
        best_ = slice_of_(file, row);
        if (!largest_) {
          end();
          return false;
        }
      }
    }
    return true;
  }
  bool reached(const Reader::Look& look) const override {
    return look.next_offset > offset_ && (largest_ || look.max_timestamp >= timestamp_);
  }
  void end() override { answer(std::move(best_)); }
  void failed(Error error) override { answer(std::unexpected(std::move(error))); }
  void answer(Result<std::optional<Slice>> result) {
    if (done_) return;
    done_ = true;
    auto call = std::move(answer_);
    call(std::move(result));
  }

  std::int64_t timestamp_;
  bool largest_;
  std::optional<Slice> best_;
  SliceOf slice_of_;
  Journal::SliceFound answer_;
};

}  // namespace

void Reader::read(StreamId id, std::int64_t offset, std::uint64_t bytes_max, Journal::SlicesRead done) {
  const Stream* s = core_.find(id);
  if (!s || offset < s->log_start || offset > s->next_offset) return done(fail(ErrorCode::OffsetOutOfRange));
  if (offset >= s->durable_offset) return done(std::vector<Slice>{});
  auto slice = [this](std::shared_ptr<SegmentFile> file, const IndexRow& row) {
    return slice_of(std::move(file), row);
  };
  std::make_shared<ReadWalk>(*this, id, offset, bytes_max, slice, std::move(done))->run();
}

void Reader::find_by_timestamp(StreamId id, std::int64_t from, std::int64_t timestamp,
                               Journal::SliceFound done) {
  const Stream* s = core_.find(id);
  if (!s || s->max_timestamp < timestamp) return done(std::optional<Slice>{});
  auto slice = [this](std::shared_ptr<SegmentFile> file, const IndexRow& row) {
    return slice_of(std::move(file), row);
  };
  std::make_shared<TimestampWalk>(*this, id, std::max(from, s->log_start), timestamp, false, slice,
                                  std::move(done))
      ->run();
}

void Reader::find_max_timestamp(StreamId id, Journal::SliceFound done) {
  const Stream* s = core_.find(id);
  if (!s || s->log_start >= s->durable_offset) return done(std::optional<Slice>{});
  auto from = s->log_start;
  auto again = [this, id, from, alive = std::weak_ptr<bool>(core_.alive),
                done = std::move(done)](Result<std::optional<Slice>> found) mutable {
    if (!found || *found || alive.expired()) return done(std::move(found));
    // The largest ever is gone (below the log start, or not durable yet): compare what is left.
    auto slice = [this](std::shared_ptr<SegmentFile> file, const IndexRow& row) {
      return slice_of(std::move(file), row);
    };
    std::make_shared<TimestampWalk>(*this, id, from, -1, true, slice, std::move(done))->run();
  };
  find_by_timestamp(id, from, s->max_timestamp, std::move(again));
}

// --- bytes

void Reader::load(std::vector<Slice> slices, Journal::BytesRead done) {
  struct Work {
    std::vector<Slice> slices;
    Bytes bytes;  // stored entries, one behind the other
    Result<void> result;
  };
  auto work = std::make_shared<Work>();
  std::size_t total = 0;
  for (const Slice& s : slices) total += kEntryHeaderBytes + s.bytes.length;
  work->slices = std::move(slices);
  work->bytes.resize(total);

  auto read_all = [](Work& w, bool cached) {
    std::size_t at = 0;
    for (const Slice& s : w.slices) {
      std::size_t n = kEntryHeaderBytes + s.bytes.length;
      CHECK(s.bytes.position >= kEntryHeaderBytes);
      auto into = MutableBytes{w.bytes}.subspan(at, n);
      auto from = s.bytes.position - kEntryHeaderBytes;
      auto got = cached ? s.bytes.file->read_cached(from, into) : s.bytes.file->read_at(from, into);
      if (!got) w.result = std::unexpected(got.error());
      if (!got || *got != n) return false;
      at += n;
    }
    return true;
  };
  // Checks each entry and moves the bodies together.
  auto finish = [](Work& w) -> Result<SharedBytes> {
    std::size_t from = 0;
    std::size_t to = 0;
    for (const Slice& s : w.slices) {
      std::size_t n = kEntryHeaderBytes + s.bytes.length;
      const auto& file = static_cast<const SegmentFile&>(*s.bytes.file);
      auto stored = MutableBytes{w.bytes}.subspan(from, n);
      if (!entry_is_sound(stored, file, s.bytes.position - kEntryHeaderBytes, s.bytes.length))
        return fail(ErrorCode::JournalDamaged,
                    fmt::format("offsets {} to {}: the checksum is wrong", s.first_offset, s.last_offset));
      std::memmove(w.bytes.data() + to, stored.data() + kEntryHeaderBytes, s.bytes.length);
      from += n;
      to += s.bytes.length;
    }
    w.bytes.resize(to);
    return SharedBytes::take(std::move(w.bytes));
  };
  if (read_all(*work, true)) return done(finish(*work));
  work->result = {};
  core_.env.read_worker.submit(
      [work, read_all] {
        if (!read_all(*work, false) && work->result)
          work->result = fail(ErrorCode::DiskFailed, "a segment is shorter than it was");
      },
      [work, finish, done = std::move(done), alive = std::weak_ptr<bool>(core_.alive)]() mutable {
        if (alive.expired()) return;
        if (!work->result)
          done(std::unexpected(work->result.error()));
        else
          done(finish(*work));
      });
}

void Reader::warm(const std::vector<Slice>& slices, os::Callback done) {
  auto cold = std::make_shared<std::vector<Slice>>();
  for (const Slice& s : slices)
    if (!s.bytes.file->is_cached(s.bytes.position, s.bytes.length)) cold->push_back(s);
  if (cold->empty()) return done();
  core_.env.read_worker.submit(
      [cold] {
        Bytes buffer(262144);
        for (const Slice& s : *cold)
          for (std::uint64_t at = 0; at < s.bytes.length; at += buffer.size()) {
            auto n = std::min<std::uint64_t>(buffer.size(), s.bytes.length - at);
            (void)s.bytes.file->read_at(s.bytes.position + at, MutableBytes{buffer}.first(n));
          }
      },
      [done = std::move(done), cold, alive = std::weak_ptr<bool>(core_.alive)]() mutable {
        if (!alive.expired()) done();
      });
}

}  // namespace ledge::journal
