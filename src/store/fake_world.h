// SPDX-License-Identifier: Apache-2.0
// For unit tests of the store: a journal in memory that makes things durable only when the test says so, and
// a loop that runs when the test says so. The real journal on a simulated disk is tried in its own tests.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/check.h"
#include "journal/journal.h"
#include "os/system.h"

namespace ledge::store {

class FakeLoop final : public os::Loop {
 public:
  Instant now() const override { return instant; }
  WallMs wall_now() const override { return wall; }
  void post(os::Callback call) override { posted.push_back(std::move(call)); }
  std::unique_ptr<os::Timer> timer() override { return nullptr; }
  void run() override {
    while (!posted.empty()) {
      os::Callback call = std::move(posted.front());
      posted.pop_front();
      call();
    }
  }
  void stop() override {}

  Instant instant{1'000'000'000};
  WallMs wall = 1'700'000'000'000;
  std::deque<os::Callback> posted;
};

class FakeWorker final : public os::Worker {
 public:
  explicit FakeWorker(FakeLoop& loop) : loop_(loop) {}
  void submit(os::Callback job, os::Callback done) override {
    ++jobs;
    job();
    loop_.post(std::move(done));
  }
  int jobs = 0;

 private:
  FakeLoop& loop_;
};

class FakeRandom final : public os::Random {
 public:
  void fill(MutableBytes into) override {
    for (std::uint8_t& byte : into) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<std::uint8_t>(state_ >> 56);
    }
  }

 private:
  std::uint64_t state_ = 42;
};

class NoNet final : public os::Net {
 public:
  Result<std::unique_ptr<os::Listener>> listen(const os::Endpoint&, Accepted) override {
    return fail(ErrorCode::ConnectionFailed);
  }
  void connect(const os::Endpoint&, Duration, Connected) override { CHECK(false); }
};

/// What outlives a power cut: the frames that were made durable, and maybe a snapshot taken before one.
struct FakeDisk {
  struct Snapshot {
    std::size_t frame = 0;  // of the frames, the first that is behind it
    std::vector<std::pair<std::uint32_t, Bytes>> parts;
  };
  Uuid id;
  std::vector<std::vector<journal::Entry>> frames;
  std::optional<Snapshot> snapshot;
};

class MemoryFile final : public os::File {
 public:
  explicit MemoryFile(Bytes bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read_at(std::uint64_t position, MutableBytes into) const override {
    if (position >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(into.size(), bytes_.size() - position);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(position), n, into.begin());
    return n;
  }
  Result<std::size_t> read_cached(std::uint64_t position, MutableBytes into) const override {
    return read_at(position, into);
  }
  bool is_cached(std::uint64_t, std::uint64_t) const override { return true; }
  Result<void> write_at(std::uint64_t, std::span<const ByteView>) override {
    return fail(ErrorCode::DiskFailed);
  }
  Result<void> sync() override { return {}; }
  Result<void> allocate(std::uint64_t) override { return {}; }
  Result<void> truncate(std::uint64_t) override { return {}; }
  Result<std::uint64_t> size() const override { return bytes_.size(); }
  int descriptor() const override { return -1; }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

class FakeJournal final : public journal::Journal {
 public:
  FakeJournal(FakeDisk& disk, FakeLoop& loop) : disk_(disk), loop_(loop) {}

  /// Recovery as the real one does it: the snapshot, then what is behind it.
  Result<void> recover(std::span<journal::Participant* const> participants) {
    participants_.assign(participants.begin(), participants.end());
    const std::size_t first = disk_.snapshot ? disk_.snapshot->frame : 0;
    if (disk_.snapshot) {
      for (const auto& [tag, part] : disk_.snapshot->parts)
        for (journal::Participant* p : participants_)
          if (p->snapshot_tag() == tag) TRY_VOID(p->load_snapshot(part));
    }
    for (std::size_t i = 0; i < disk_.frames.size(); ++i) {
      for (const journal::Entry& entry : disk_.frames[i]) {
        store(entry);
        if (i < first) continue;
        for (journal::Participant* p : participants_) TRY_VOID(p->replay(entry.header, entry.body.view()));
      }
    }
    for (auto& [id, stream] : streams_) stream.state.durable_offset = stream.state.next_offset;
    return {};
  }

  Uuid id() const override { return disk_.id; }

  Result<void> append(std::vector<journal::Entry> entries, journal::Durable durable) override {
    if (poisoned_) return fail(ErrorCode::JournalPoisoned, "test");
    for (const journal::Entry& entry : entries) {
      if (entry.header.kind == journal::EntryKind::Append)
        CHECK(entry.header.first_offset == streams_[entry.header.stream].state.next_offset);
      store(entry);
      pending_bytes_ += entry.body.size();
    }
    pending_.push_back({std::move(entries), std::move(durable)});
    if (syncs_by_itself) loop_.post([this] { sync(); });
    return {};
  }

  /// Everything appended becomes durable.
  void sync() {
    auto pending = std::exchange(pending_, {});
    pending_bytes_ = 0;
    for (auto& [entries, durable] : pending) {
      for (const journal::Entry& entry : entries) {
        journal::StreamState& state = streams_[entry.header.stream].state;
        if (entry.header.kind == journal::EntryKind::LogStart) continue;
        state.durable_offset = std::max(state.durable_offset, entry.header.last_offset + 1);
      }
      // A copy: what the program does to its buffers later must not reach the disk.
      for (journal::Entry& entry : entries) entry.body = SharedBytes::copy(entry.body.view());
      disk_.frames.push_back(std::move(entries));
    }
    for (auto& [entries, durable] : pending) durable({});
  }
  /// Holds what is pending too, as a real one does; it counts once that is durable: call sync() before a cut.
  void take_snapshot() {
    disk_.snapshot = {.frame = disk_.frames.size(), .parts = {}};
    for (journal::Participant* p : participants_)
      disk_.snapshot->parts.emplace_back(p->snapshot_tag(), p->take_snapshot());
  }
  /// The next sync fails.
  void poison() {
    poisoned_ = true;
    const Error why{ErrorCode::JournalPoisoned, "test"};
    if (told_) told_(why);
    for (auto& [entries, durable] : std::exchange(pending_, {})) durable(std::unexpected(why));
  }

  std::uint64_t pending_bytes() const override { return pending_bytes_; }
  journal::StreamState stream(journal::StreamId id) const override {
    const auto found = streams_.find(id);
    return found == streams_.end() ? journal::StreamState{} : found->second.state;
  }
  void read(journal::StreamId id, std::int64_t offset, std::uint64_t bytes_max, SlicesRead done) override {
    if (damaged_below > offset) return done(fail(ErrorCode::JournalDamaged, "test"));
    std::vector<journal::Slice> out;
    std::uint64_t bytes = 0;
    for (const journal::Slice& slice : streams_[id].slices) {
      if (slice.last_offset < offset || slice.last_offset >= streams_[id].state.durable_offset) continue;
      if (!out.empty() && bytes + slice.bytes.length > bytes_max) break;
      bytes += slice.bytes.length;
      out.push_back(slice);
    }
    done(std::move(out));
  }
  void find_by_timestamp(journal::StreamId id, std::int64_t from, std::int64_t timestamp,
                         SliceFound done) override {
    for (const journal::Slice& slice : streams_[id].slices)
      if (slice.last_offset >= from && slice.max_timestamp >= timestamp) return done(std::optional{slice});
    done(std::optional<journal::Slice>{});
  }
  void find_max_timestamp(journal::StreamId id, SliceFound done) override {
    std::optional<journal::Slice> best;
    for (const journal::Slice& slice : streams_[id].slices)
      if (!best || slice.max_timestamp > best->max_timestamp) best = slice;
    done(std::move(best));
  }
  void load(std::vector<journal::Slice> slices, BytesRead done) override {
    Bytes out;
    for (const journal::Slice& slice : slices) {
      const Bytes& from = static_cast<const MemoryFile&>(*slice.bytes.file).bytes();
      out.insert(out.end(), from.begin(), from.end());
    }
    done(SharedBytes::take(std::move(out)));
  }
  void warm(const std::vector<journal::Slice>&, os::Callback done) override { done(); }
  void on_poisoned(std::function<void(const Error&)> call) override { told_ = std::move(call); }
  void drain(os::Callback done) override {
    sync();
    done();
  }
  journal::Stats stats() const override { return {}; }

  bool syncs_by_itself = false;
  std::int64_t damaged_below = 0;

 private:
  struct Stream {
    journal::StreamState state;
    std::vector<journal::Slice> slices;
  };
  struct Pending {
    std::vector<journal::Entry> entries;
    journal::Durable durable;
  };

  void store(const journal::Entry& entry) {
    if (entry.header.kind == journal::EntryKind::Drop) {
      streams_.erase(entry.header.stream);
      return;
    }
    Stream& stream = streams_[entry.header.stream];
    if (entry.header.kind == journal::EntryKind::LogStart) {
      stream.state.log_start = entry.header.first_offset;
      return;
    }
    stream.state.next_offset = entry.header.last_offset + 1;
    if (entry.header.stream < journal::kFirstPartitionStream) return;
    auto file = std::make_shared<MemoryFile>(Bytes{entry.body.view().begin(), entry.body.view().end()});
    const auto length = static_cast<std::uint32_t>(entry.body.size());
    stream.slices.push_back({{std::move(file), 0, length},
                             entry.header.first_offset,
                             entry.header.last_offset,
                             entry.header.max_timestamp});
  }

  FakeDisk& disk_;
  FakeLoop& loop_;
  std::vector<journal::Participant*> participants_;
  std::map<journal::StreamId, Stream> streams_;
  std::vector<Pending> pending_;
  std::uint64_t pending_bytes_ = 0;
  bool poisoned_ = false;
  std::function<void(const Error&)> told_;
};

}  // namespace ledge::store
