// SPDX-License-Identifier: Apache-2.0
// A journal on a simulated disk, with a model of what it must hold: bodies are made from stream and offset,
// so a wrong byte is seen wherever it appears.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "sim/sim.h"

namespace ledge::journal {

/// Remembers every entry that it was given; its snapshot is that memory.
class Ledger final : public Participant {
 public:
  std::uint32_t snapshot_tag() const override { return 7; }
  Bytes take_snapshot() const override {
    ByteWriter out;
    for (const auto& [stream, next] : next_) {
      out.le(stream);
      out.le(next);
    }
    return out.take();
  }
  Result<void> load_snapshot(ByteView part) override {
    ++loads;
    ByteReader in{part};
    while (in.remaining() >= 16) {
      auto stream = in.le<std::uint64_t>();
      next_[stream] = in.le<std::int64_t>();
    }
    return {};
  }
  Result<void> replay(const EntryHeader& h, ByteView) override {
    ++replays;
    apply(h);
    return {};
  }
  void apply(const EntryHeader& h) {
    auto id = static_cast<std::uint64_t>(h.stream);
    if (h.kind == EntryKind::Append) next_[id] = h.last_offset + 1;
    if (h.kind == EntryKind::Truncate && next_.contains(id)) next_[id] = std::min(next_[id], h.first_offset);
    if (h.kind == EntryKind::Drop) next_.erase(id);
  }
  const std::map<std::uint64_t, std::int64_t>& next() const { return next_; }
  int loads = 0, replays = 0;

 private:
  std::map<std::uint64_t, std::int64_t> next_;
};

inline Bytes body_for(std::uint64_t stream, std::int64_t first, std::int64_t last, std::size_t size) {
  Bytes out(size);
  std::uint64_t x =
      stream * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(first) * 31 + static_cast<std::uint64_t>(last);
  for (std::size_t at = 0; at < size; at += 8) {
    x = x * 6364136223846793005 + 1442695040888963407;
    std::uint64_t word = x ^ x >> 29;
    std::memcpy(out.data() + at, &word, std::min<std::size_t>(8, size - at));
  }
  return out;
}

class Box {
 public:
  explicit Box(sim::World& w, sim::Disk& d, Options o = small()) : world(w), disk(d), options(o) { start(); }
  ~Box() { stop(); }
  static Options small() {
    Options o;
    o.segment_bytes = 1048576;
    return o;
  }
  void start() {
    node = world.add_node();
    directory = disk.open();
    ledger = std::make_unique<Ledger>();
    participants = {ledger.get()};
    participants.insert(participants.end(), more_participants.begin(), more_participants.end());
    report = {};
    auto opened = Journal::open(node->env(), *directory, options, participants, &report);
    error = opened ? Error{} : opened.error();
    if (opened) journal = std::move(*opened);
  }
  void stop() {
    if (node) node->crash();
    journal.reset();
    node.reset();
    directory.reset();
  }
  /// As after a power cut.
  void restart(bool cut = true) {
    stop();
    if (cut) disk.power_cut();
    start();
  }

  struct Batch {
    std::int64_t first, last, timestamp;
    std::size_t size;
  };
  /// Appends one batch to each of `streams`, together. False: refused.
  bool append(const std::vector<std::uint64_t>& streams, std::size_t size, std::int64_t records = 1,
              std::int64_t timestamp = 1) {
    std::vector<Entry> group;
    std::vector<std::pair<std::uint64_t, Batch>> added;
    std::map<std::uint64_t, std::int64_t> next;
    for (auto stream : streams) {
      auto [it, fresh] = next.try_emplace(stream, journal->stream(StreamId{stream}).next_offset);
      Batch b{it->second, it->second + records - 1, timestamp, size};
      it->second += records;
      group.push_back({{.stream = StreamId{stream},
                        .kind = EntryKind::Append,
                        .first_offset = b.first,
                        .last_offset = b.last,
                        .max_timestamp = timestamp,
                        .leader_epoch = 3},
                       SharedBytes::take(body_for(stream, b.first, b.last, size))});
      added.push_back({stream, b});
    }
    std::vector<EntryHeader> headers;
    for (auto& e : group) headers.push_back(e.header);
    auto ok = journal->append(std::move(group), [this, added](Result<void> r) {
      if (!r) {
        last_error = r.error();
        return;
      }
      for (auto& [stream, b] : added) acked[stream][b.first] = b;
    });
    if (!ok) {
      last_error = ok.error();
      return false;
    }
    for (auto& h : headers) ledger->apply(h);
    for (auto& [stream, b] : added) sent[stream][b.first] = b;
    return true;
  }
  void control(EntryKind kind, std::uint64_t stream, std::int64_t offset = 0) {
    EntryHeader h{.stream = StreamId{stream}, .kind = kind, .first_offset = offset};
    ASSERT_TRUE(journal->append({{h, {}}}, [this, kind, stream, offset](Result<void> r) {
      if (r && kind == EntryKind::LogStart) log_start[stream] = std::max(log_start[stream], offset);
      if (r && kind == EntryKind::Drop) dropped.insert(stream);
    }));
    ledger->apply(h);
  }
  void settle() {
    world.run_until([&] { return journal->pending_bytes() == 0; }, 60s);
  }
  /// Reads every stream from its log start. Returns what could be read; checks every byte.
  struct Seen {
    std::map<std::int64_t, Batch> batches;
    std::vector<std::pair<std::int64_t, std::int64_t>> lost;
  };
  Seen read_all(std::uint64_t stream, std::uint64_t bytes_max = 300000) {
    Seen out;
    auto state = journal->stream(StreamId{stream});
    std::int64_t at = state.log_start;
    while (at < state.durable_offset) {
      std::optional<Result<std::vector<Slice>>> got;
      journal->read(StreamId{stream}, at, bytes_max, [&](auto r) { got = std::move(r); });
      world.run_until([&] { return got.has_value(); }, 60s);
      if (!got) {
        ADD_FAILURE() << "no answer to a read at " << at;
        return out;
      }
      if (!*got) {
        auto text = got->error().detail;
        auto word = text.rfind(' ');
        if (got->error().code != ErrorCode::JournalDamaged ||
            text.find("next readable") == std::string::npos) {
          ADD_FAILURE() << got->error().text();
          return out;
        }
        std::int64_t next = std::stoll(text.substr(word + 1));
        if (next <= at) {
          ADD_FAILURE() << "no way forward: " << text;
          return out;
        }
        out.lost.push_back({at, next - 1});
        at = next;
        continue;
      }
      if ((*got)->empty()) {
        ADD_FAILURE() << "nothing at " << at << " of " << state.durable_offset << " in stream " << stream;
        return out;
      }
      at = take(stream, **got, &out, at);
      if (at < 0) return out;
    }
    return out;
  }
  std::int64_t take(std::uint64_t stream, const std::vector<Slice>& slices, Seen* out, std::int64_t at) {
    std::optional<Result<SharedBytes>> bytes;
    journal->load(slices, [&](auto r) { bytes = std::move(r); });
    world.run_until([&] { return bytes.has_value(); }, 60s);
    if (!bytes || !*bytes) {
      ADD_FAILURE() << "load failed: " << (bytes ? bytes->error().text() : "no answer");
      return -1;
    }
    EXPECT_LE(slices.front().first_offset, at);
    std::size_t from = 0;
    for (const Slice& s : slices) {
      auto view = (*bytes)->view().subspan(from, s.bytes.length);
      from += s.bytes.length;
      Bytes want = body_for(stream, s.first_offset, s.last_offset, s.bytes.length);
      if (!std::ranges::equal(view, want)) {
        ADD_FAILURE() << "wrong bytes at " << s.first_offset << " of stream " << stream;
        return -1;
      }
      out->batches[s.first_offset] = {s.first_offset, s.last_offset, s.max_timestamp, s.bytes.length};
      at = s.last_offset + 1;
    }
    return at;
  }
  /// Every acked batch is there, with the right bytes, in order and whole.
  void check_acked() {
    for (auto& [stream, batches] : acked) {
      if (dropped.contains(stream) || dropping.contains(stream)) continue;
      auto seen = read_all(stream);
      EXPECT_TRUE(seen.lost.empty()) << "stream " << stream;
      for (auto& [first, b] : batches) {
        if (b.last < journal->stream(StreamId{stream}).log_start) continue;
        ASSERT_TRUE(seen.batches.contains(first)) << "acked batch " << first << " of stream " << stream;
        ASSERT_EQ(seen.batches[first].last, b.last);
        ASSERT_EQ(seen.batches[first].timestamp, b.timestamp);
      }
    }
  }
  /// After a restart: what was sent and not acked may be there or not; take what is there as the truth.
  void adopt() {
    for (auto& [stream, batches] : acked)
      std::erase_if(sent[stream],
                    [&, s = stream](auto& b) { return b.first >= journal->stream(StreamId{s}).next_offset; });
  }

  sim::World& world;
  sim::Disk& disk;
  Options options;
  std::unique_ptr<sim::Node> node;
  std::unique_ptr<os::Directory> directory;
  std::unique_ptr<Ledger> ledger;
  std::vector<Participant*> participants;
  std::vector<Participant*> more_participants;  // from the next start on
  std::unique_ptr<Journal> journal;
  RecoveryReport report;
  Error error, last_error;
  std::map<std::uint64_t, std::map<std::int64_t, Batch>> acked, sent;
  std::map<std::uint64_t, std::int64_t> log_start;
  std::set<std::uint64_t> dropped, dropping;
};

}  // namespace ledge::journal
