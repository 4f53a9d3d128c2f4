// SPDX-License-Identifier: Apache-2.0
#include "journal/journal.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "journal/core.h"
#include "journal/reader.h"
#include "journal/recovery.h"
#include "journal/writer.h"

namespace ledge::journal {

namespace {

class JournalImpl final : public Journal {
 public:
  JournalImpl(os::Env env, os::Directory& directory, const Options& options,
              std::span<Participant* const> participants)
      : core_(env, directory, options), reader_(core_), writer_(core_, reader_) {
    core_.participants.assign(participants.begin(), participants.end());  // the span is the caller's
  }

  Result<void> open(RecoveryReport* report) {
    std::array<std::uint8_t, 4> run;
    core_.env.random.fill(run);
    core_.run = load_le<std::uint32_t>(run.data());
    TRY_VOID(recover(&core_, report));
    writer_.reclaim();
    return {};
  }

  Uuid id() const override { return core_.id; }
  Result<void> append(std::vector<Entry> entries, Durable durable) override {
    return writer_.append(std::move(entries), std::move(durable));
  }
  std::uint64_t pending_bytes() const override { return writer_.pending_bytes(); }
  StreamState stream(StreamId id) const override {
    auto it = core_.streams.find(static_cast<std::uint64_t>(id));
    if (it == core_.streams.end()) return {};
    return {it->second.log_start, it->second.next_offset, it->second.durable_offset};
  }
  void read(StreamId id, std::int64_t offset, std::uint64_t bytes_max, SlicesRead done) override {
    reader_.read(id, offset, bytes_max, std::move(done));
  }
  void find_by_timestamp(StreamId id, std::int64_t from, std::int64_t timestamp, SliceFound done) override {
    reader_.find_by_timestamp(id, from, timestamp, std::move(done));
  }
  void find_max_timestamp(StreamId id, SliceFound done) override {
    reader_.find_max_timestamp(id, std::move(done));
  }
  void load(std::vector<Slice> slices, BytesRead done) override {
    reader_.load(std::move(slices), std::move(done));
  }
  void warm(const std::vector<Slice>& slices, os::Callback done) override {
    reader_.warm(slices, std::move(done));
  }
  void on_poisoned(std::function<void(const Error&)> call) override {
    core_.on_poisoned.push_back(std::move(call));
  }
  void drain(os::Callback done) override { writer_.drain(std::move(done)); }
  Stats stats() const override {
    Stats out = core_.stats;
    out.pending_bytes = writer_.pending_bytes();
    out.segments_live = core_.sealed.size() + core_.open.size();
    out.segments_spare = core_.spares.size();
    return out;
  }

 private:
  Core core_;
  Reader reader_;
  Writer writer_;
};

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(os::Env env, os::Directory& directory, const Options& options,
                                               std::span<Participant* const> participants,
                                               RecoveryReport* report) {
  if (options.segment_bytes < static_cast<std::uint64_t>(limits::journal_segment_bytes_min) ||
      options.segment_bytes > static_cast<std::uint64_t>(limits::journal_segment_bytes_max) ||
      options.segment_bytes % kPageBytes != 0)
    return fail(ErrorCode::BadOption, fmt::format("a segment of {} bytes: from {} to {}, a multiple of {}",
                                                  options.segment_bytes, limits::journal_segment_bytes_min,
                                                  limits::journal_segment_bytes_max, kPageBytes));
  auto journal = std::make_unique<JournalImpl>(env, directory, options, participants);
  TRY_VOID(journal->open(report));
  return journal;
}

}  // namespace ledge::journal
