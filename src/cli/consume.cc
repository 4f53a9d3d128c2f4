// SPDX-License-Identifier: Apache-2.0
// ledge consume: records of a topic to standard output.
#include <algorithm>
#include <set>

#include "base/limits.h"
#include "cli/cluster.h"
#include "cli/commands.h"
#include "cli/record_format.h"
#include "cli/start_offset.h"

namespace ledge::cli {
namespace {

using client::Client;
using client::Done;
using client::Fetched;
using client::ListedOffset;
using kafka::BatchHeader;
using kafka::RecordView;

constexpr std::int32_t kFetchBytesMax = 4 << 20;
constexpr std::int32_t kFetchBytesMin = 64 << 10;
constexpr std::int32_t kFetchBytesOfAllPartitions = 32 << 20;

struct Wanted {
  std::string topic;
  StartOffset start;
  std::int64_t count = -1;  // -1: all
  bool until_end = false;
  bool read_committed = true;
  bool json = false;
  RecordFormat format;
};

/// What is read of one partition.
struct Reading {
  std::int32_t partition = 0;
  std::int64_t next = 0;
  std::int64_t end = -1;                 // where to stop; -1: nowhere
  std::set<std::int64_t> aborting = {};  // producers whose records are of an aborted transaction from here on
};

class Consumer {
 public:
  Consumer(ClusterSession& session, const Wanted& wanted, const Streams& io)
      : session_(session), wanted_(wanted), io_(io) {}

  Result<void> begin_at(const std::vector<std::int32_t>& partitions) {
    for (const std::int32_t partition : partitions) {
      Reading reading{.partition = partition};
      TRY(reading.next, first_offset(partition));
      if (wanted_.until_end) {
        TRY(const ListedOffset end, list(partition, Client::kLatest));
        reading.end = end.offset;
      }
      readings_.push_back(std::move(reading));
    }
    return {};
  }

  Result<void> run() {
    return session_.wait<void>([this](Done<void> done) {
      done_ = std::move(done);
      open_ = readings_.size();
      const auto share =
          static_cast<std::int32_t>(kFetchBytesOfAllPartitions / std::max<std::size_t>(open_, 1));
      fetch_bytes_ = std::clamp(share, kFetchBytesMin, kFetchBytesMax);
      for (Reading& reading : readings_) fetch(reading);
      if (open_ == 0) finish({});
    });
  }

 private:
  Result<ListedOffset> list(std::int32_t partition, std::int64_t time) {
    return session_.wait<ListedOffset>([&](Done<ListedOffset> done) {
      session_.client().list_offset(wanted_.topic, partition, time, wanted_.read_committed, std::move(done));
    });
  }

  Result<std::int64_t> first_offset(std::int32_t partition) {
    using Kind = StartOffset::Kind;
    const Kind kind = wanted_.start.kind;
    if (kind == Kind::Exact) return wanted_.start.value;
    std::int64_t time = Client::kLatest;
    if (kind == Kind::Beginning) time = Client::kEarliest;
    if (kind == Kind::AtTime) time = wanted_.start.value;
    TRY(ListedOffset found, list(partition, time));
    if (kind == Kind::AtTime && found.offset < 0) {  // nothing that late
      TRY(found, list(partition, Client::kLatest));
    }
    if (kind != Kind::BeforeEnd) return found.offset;
    TRY(const ListedOffset earliest, list(partition, Client::kEarliest));
    return std::max(earliest.offset, found.offset - wanted_.start.value);
  }

  void fetch(Reading& reading) {
    if (finished_) return;
    if (wanted_.count == 0) return finish({});
    if (reading.end >= 0 && reading.next >= reading.end) {
      if (--open_ == 0) finish({});
      return;
    }
    client::FetchFrom from{.topic = wanted_.topic,
                           .partition = reading.partition,
                           .offset = reading.next,
                           .bytes_max = fetch_bytes_,
                           .read_committed = wanted_.read_committed};
    session_.client().fetch(std::move(from), [this, &reading](Result<Fetched> fetched) {
      if (finished_) return;
      if (!fetched) return finish(std::unexpected(std::move(fetched).error()));
      if (auto shown = show(reading, *fetched); !shown) return finish(std::move(shown));
      if (wanted_.count >= 0 && shown_ >= wanted_.count) return finish({});
      fetch(reading);
    });
  }

  /// Writes the whole batches of an answer.
  Result<void> show(Reading& reading, const Fetched& fetched) {
    ByteView rest = fetched.batches.view();
    auto aborted = fetched.aborted;
    std::string out;
    const std::int64_t before = reading.next;
    while (!rest.empty() && !enough()) {
      const auto header = kafka::read_batch_header(rest);
      if (!header && header.error().code == ErrorCode::Truncated) break;
      if (!header) return std::unexpected(header.error());
      if (header->total_bytes() > rest.size()) break;  // the last one may be cut short
      const ByteView batch = rest.first(header->total_bytes());
      rest = rest.subspan(batch.size());
      if (!kafka::batch_checksum_ok(batch))
        return fail(ErrorCode::CorruptMessage, "the checksum of the batch at offset " +
                                                   std::to_string(header->base_offset) + " is wrong");
      if (!skip(reading, *header, aborted)) TRY_VOID(show_batch(reading, *header, batch, out));
      reading.next = std::max(reading.next, header->last_offset() + 1);
    }
    if (!out.empty()) io_.out(out);
    if (reading.next == before && !fetched.batches.empty() && !enough())
      return fail(ErrorCode::Malformed, "the answer to a fetch holds no whole batch");
    return {};
  }

  bool enough() const { return wanted_.count >= 0 && shown_ >= wanted_.count; }

  /// Whether a batch is not for readers: markers, and the records of aborted transactions.
  bool skip(Reading& reading, const BatchHeader& header,
            std::vector<std::pair<std::int64_t, std::int64_t>>& aborted) {
    if (!wanted_.read_committed) return header.control();
    std::erase_if(aborted, [&](const auto& one) {
      if (one.second > header.last_offset()) return false;
      reading.aborting.insert(one.first);
      return true;
    });
    if (!header.control()) return header.transactional() && reading.aborting.contains(header.producer_id);
    reading.aborting.erase(header.producer_id);  // either marker ends the transaction
    return true;
  }

  Result<void> show_batch(const Reading& reading, const BatchHeader& header, ByteView batch,
                          std::string& out) {
    return kafka::for_each_record(batch, limits::batch_decompressed_bytes_max, [&](const RecordView& record) {
      if (record.offset < reading.next) return true;
      if (reading.end >= 0 && record.offset >= reading.end) return false;
      if (wanted_.json)
        append_record_json(out, wanted_.topic, reading.partition, header.log_append_time(), record);
      else
        wanted_.format.append(out, wanted_.topic, reading.partition, record);
      ++shown_;
      return !enough();
    });
  }

  void finish(Result<void> result) {
    if (std::exchange(finished_, true)) return;
    done_(std::move(result));
  }

  ClusterSession& session_;
  const Wanted& wanted_;
  const Streams& io_;
  std::vector<Reading> readings_;
  std::size_t open_ = 0;
  std::int32_t fetch_bytes_ = kFetchBytesMax;
  std::int64_t shown_ = 0;
  bool finished_ = false;
  Done<void> done_;
};

Result<Wanted> wanted_from(const Args& args) {
  TRY(RecordFormat format, RecordFormat::parse(args.text("format")));
  TRY(const StartOffset start, parse_start_offset(args.text("offset"), os::wall_clock()));
  return Wanted{.topic = args.text("topic"),
                .start = start,
                .count = args.number("count"),
                .until_end = args.has("exit"),
                .read_committed = args.text("isolation") == "read_committed",
                .json = args.has("json"),
                .format = std::move(format)};
}

int run_consume(const Args& args, const Streams& io) {
  const auto wanted = wanted_from(args);
  if (!wanted) return wrong_usage(io, wanted.error());
  auto opened = ClusterSession::open(args);
  if (!opened) return wrong_usage(io, opened.error());
  ClusterSession& session = **opened;
  const auto topic = session.wait<client::Topic>(
      [&](Done<client::Topic> done) { session.client().topic(wanted->topic, false, std::move(done)); });
  if (!topic) return io.failed(topic.error());

  std::vector<std::int32_t> partitions;
  const auto only = static_cast<std::int32_t>(args.number("partition"));
  for (const auto& p : topic->partitions)
    if (only < 0 || p.index == only) partitions.push_back(p.index);
  if (partitions.empty())
    return io.failed("topic " + wanted->topic + " has " + std::to_string(topic->partitions.size()) +
                     " partitions, there is no number " + args.text("partition"));

  Consumer consumer{session, *wanted, io};
  if (const auto begun = consumer.begin_at(partitions); !begun) return io.failed(begun.error());
  const auto done = consumer.run();
  return done ? kDone : io.failed(done.error());
}

}  // namespace

const Command kConsumeCommand{
    .words = "consume",
    .summary = "Write the records of a topic to standard output",
    .flags = {kBootstrapFlag,
              {.name = "topic",
               .letter = 't',
               .kind = FlagKind::Text,
               .value = "TOPIC",
               .help = "Where from",
               .required = true},
              {.name = "partition",
               .letter = 'p',
               .kind = FlagKind::Number,
               .help = "-1: all",
               .fallback = "-1",
               .min = -1,
               .max = INT32_MAX},
              {.name = "offset",
               .letter = 'o',
               .kind = FlagKind::Text,
               .value = "WHERE",
               .help = "beginning, end, N, -N before the end, @MILLISECONDS, @-5m",
               .fallback = "beginning"},
              {.name = "count",
               .letter = 'c',
               .kind = FlagKind::Number,
               .help = "Stop after so many records; -1: never",
               .fallback = "-1",
               .min = -1},
              {.name = "exit", .letter = 'e', .help = "Stop at what is the end when the command starts"},
              {.name = "format",
               .letter = 'f',
               .kind = FlagKind::Text,
               .value = "FORMAT",
               .help = "How to write a record",
               .fallback = "%s\\n"},
              {.name = "isolation",
               .kind = FlagKind::Text,
               .value = "LEVEL",
               .help = "Which records to see",
               .fallback = "read_committed",
               .choices = "read_committed|read_uncommitted"},
              kTimeoutFlag,
              kJsonFlag},
    .details =
        "FORMAT: %t topic, %p partition, %o offset, %T timestamp in ms, %k key, %s value,\n"
        "%K and %S their sizes (-1: null), %h headers, %n new line, %%; \\n \\t \\0 \\xHH.\n\n"
        "  ledge consume -t greetings -e\n"
        "  ledge consume -t users -o -10 -e -f '%p/%o %k = %s\\n'\n"
        "  ledge consume -t users -o @-1h --json | jq .payload",
    .run = run_consume,
};

}  // namespace ledge::cli
