// SPDX-License-Identifier: Apache-2.0
// ledge produce: lines of standard input as records. What one read of the input brings is sent at once and
// waited for, so a line that was typed is stored before the next prompt, and a pipe is sent in batches.
#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/limits.h"
#include "cli/cluster.h"
#include "cli/commands.h"
#include "cli/escapes.h"
#include "client/partitioner.h"
#include "wire/kafka/record_batch.h"

namespace ledge::cli {
namespace {

using client::Done;
using client::Produced;
using kafka::NewRecord;

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::size_t kBatchBytes = 500'000;  // well below the usual max.message.bytes, headers included
constexpr std::size_t kRecordOverheadBytes = 32;

struct Format {
  std::string delimiter;
  std::optional<std::string> key_separator;
  bool empty_is_null = false;
  std::vector<std::pair<std::string, std::optional<Bytes>>> headers;
};

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

NewRecord record_of(std::string_view line, const Format& format, WallMs now) {
  NewRecord record{.headers = format.headers, .timestamp = now};
  if (format.key_separator) {
    if (const std::size_t at = line.find(*format.key_separator); at != line.npos) {
      record.key = bytes_of(line.substr(0, at));
      line.remove_prefix(at + format.key_separator->size());
    }
  }
  if (!line.empty() || !format.empty_is_null) record.value = bytes_of(line);
  return record;
}

Result<Format> format_from(const Args& args) {
  Format format;
  TRY(format.delimiter, unescape(args.text("delimiter")));
  if (format.delimiter.empty()) return fail(ErrorCode::BadOption, "--delimiter must not be empty");
  if (args.has("key-separator")) {
    TRY(format.key_separator, unescape(args.text("key-separator")));
    if (format.key_separator->empty()) return fail(ErrorCode::BadOption, "--key-separator must not be empty");
  }
  format.empty_is_null = args.has("null");
  for (const std::string& header : args.all("header")) {
    const std::size_t equals = std::min(header.find('='), header.size());
    if (equals == 0) return fail(ErrorCode::BadOption, "--header takes KEY=VALUE, not '" + header + "'");
    std::optional<Bytes> value;
    if (equals < header.size()) value = bytes_of(std::string_view{header}.substr(equals + 1));
    format.headers.emplace_back(header.substr(0, equals), std::move(value));
  }
  return format;
}

/// Collects records by partition and sends them, one batch of a partition at a time.
class Sender {
 public:
  Sender(ClusterSession& session, const Args& args, std::int32_t partitions)
      : session_(session),
        topic_(args.text("topic")),
        partitions_(partitions),
        fixed_(static_cast<std::int32_t>(args.number("partition"))) {
    const std::string acks = args.text("acks");
    acks_ = acks == "all" ? std::int16_t{-1} : static_cast<std::int16_t>(std::stoi(acks));
    const std::string codec = args.text("compression");
    constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    codec_ = static_cast<kafka::Codec>(std::ranges::find(kNames, codec) - kNames);
  }

  /// With acks=all a repeated attempt must not store a batch twice, for which the server has to know us.
  Result<void> begin() {
    if (acks_ != -1) return {};
    auto made = session_.wait<client::ProducerIdentity>(
        [&](Done<client::ProducerIdentity> done) { session_.client().init_producer_id(std::move(done)); });
    // A server that does not know producer ids can still take records.
    if (!made && made.error().code != ErrorCode::UnsupportedVersion) return std::unexpected(made.error());
    if (made) identity_ = *made;
    return {};
  }

  Result<void> add(NewRecord record) {
    const std::int32_t partition = partition_for(record);
    auto& waiting = waiting_[partition];
    const std::size_t bytes = kRecordOverheadBytes + (record.key ? record.key->size() : 0) +
                              (record.value ? record.value->size() : 0) + headers_bytes(record);
    if (!waiting.records.empty() && waiting.bytes + bytes > kBatchBytes) TRY_VOID(flush());
    waiting.bytes += bytes;
    waiting.records.push_back(std::move(record));
    return {};
  }

  /// Sends what waits for all partitions, side by side, and waits for the answers.
  Result<void> flush() {
    std::size_t open = 0;
    for (const auto& [partition, waiting] : waiting_) open += waiting.records.empty() ? 0 : 1;
    if (open == 0) return {};
    sticky_ =
        static_cast<std::int32_t>(session_.env().random.u64() % static_cast<std::uint64_t>(partitions_));
    return session_.wait<void>([&](Done<void> done) {
      auto all = std::make_shared<Pending>(Pending{open, {}, std::move(done)});
      for (auto& [partition, waiting] : waiting_)
        if (!waiting.records.empty()) send(partition, waiting, all);
    });
  }

  std::uint64_t records() const { return records_; }

 private:
  struct Waiting {
    std::vector<NewRecord> records;
    std::size_t bytes = 0;
  };
  struct Pending {
    std::size_t open;
    std::optional<Error> failed;
    Done<void> done;
  };

  static std::size_t headers_bytes(const NewRecord& record) {
    std::size_t n = 0;
    for (const auto& [key, value] : record.headers) n += key.size() + (value ? value->size() : 0) + 10;
    return n;
  }

  std::int32_t partition_for(const NewRecord& record) const {
    if (fixed_ >= 0) return fixed_;
    return record.key ? client::partition_of_key(*record.key, partitions_) : sticky_;
  }

  void send(std::int32_t partition, Waiting& waiting, const std::shared_ptr<Pending>& all) {
    kafka::BatchFields fields{
        .codec = codec_, .producer_id = identity_.id, .producer_epoch = identity_.epoch};
    auto& sequence = next_sequence_[partition];
    if (identity_.id >= 0) fields.base_sequence = sequence;
    const std::size_t count = waiting.records.size();
    // Sequences are 31 bits wide and go on at 0.
    sequence = static_cast<std::int32_t>((static_cast<std::uint64_t>(sequence) + count) & 0x7fffffff);
    SharedBytes batch = SharedBytes::take(kafka::build_batch(waiting.records, fields));
    waiting = {};
    session_.client().produce({topic_, partition, acks_}, std::move(batch),
                              [this, all, count](Result<Produced> stored) {
                                if (stored)
                                  records_ += count;
                                else if (!all->failed)
                                  all->failed = stored.error();
                                if (--all->open > 0) return;
                                if (all->failed) return all->done(std::unexpected(*all->failed));
                                all->done({});
                              });
  }

  ClusterSession& session_;
  const std::string topic_;
  const std::int32_t partitions_;
  const std::int32_t fixed_;
  std::int16_t acks_ = -1;
  kafka::Codec codec_ = kafka::Codec::None;
  client::ProducerIdentity identity_;
  std::map<std::int32_t, std::int32_t> next_sequence_;
  std::map<std::int32_t, Waiting> waiting_;
  std::int32_t sticky_ = 0;  // where records without a key go until the next flush
  std::uint64_t records_ = 0;
};

Result<void> send_input(const Format& format, Sender& sender) {
  std::string input;
  Bytes buffer(kReadBytes);
  const auto bytes_max = static_cast<std::size_t>(limits::produce_line_bytes_max);
  for (;;) {
    const std::size_t n = os::read_stdin(buffer);
    const WallMs now = os::wall_clock();
    // A delimiter of several bytes may have begun in the part that was searched before.
    std::size_t search_from = input.size() - std::min(input.size(), format.delimiter.size() - 1);
    input.append(as_text(ByteView{buffer}.first(n)));
    std::size_t begin = 0;
    for (std::size_t end; (end = input.find(format.delimiter, search_from)) != input.npos;) {
      TRY_VOID(sender.add(record_of(std::string_view{input}.substr(begin, end - begin), format, now)));
      begin = search_from = end + format.delimiter.size();
    }
    input.erase(0, begin);
    if (n == 0 && !input.empty()) TRY_VOID(sender.add(record_of(input, format, now)));
    TRY_VOID(sender.flush());
    if (n == 0) return {};
    if (input.size() > bytes_max) return fail(ErrorCode::LimitExceeded, "a line of more than 64 MiB");
  }
}

int run_produce(const Args& args, const Streams& io) {
  const auto format = format_from(args);
  if (!format) return wrong_usage(io, format.error());
  auto opened = ClusterSession::open(args);
  if (!opened) return wrong_usage(io, opened.error());
  ClusterSession& session = **opened;
  const std::string name = args.text("topic");
  const auto topic = session.wait<client::Topic>([&](Done<client::Topic> done) {
    session.client().topic(name, !args.has("no-create"), std::move(done));
  });
  if (!topic) return io.failed(topic.error());
  const auto partitions = static_cast<std::int32_t>(topic->partitions.size());
  if (partitions == 0) return io.failed("topic " + name + " has no partitions");
  if (args.number("partition") >= partitions)
    return io.failed("topic " + name + " has " + std::to_string(partitions) +
                     " partitions, there is no number " + args.text("partition"));

  Sender sender{session, args, partitions};
  Result<void> sent = sender.begin();
  if (sent) sent = send_input(*format, sender);
  if (args.has("json"))
    io.out("{\"topic\":" + json_string(name) + ",\"records\":" + std::to_string(sender.records()) +
           ",\"error\":" + (sent ? "null" : json_string(error_name(sent.error().code))) + "}\n");
  return sent ? kDone : io.failed(sent.error());
}

}  // namespace

const Command kProduceCommand{
    .words = "produce",
    .summary = "Send the lines of standard input as records",
    .flags = {kBootstrapFlag,
              {.name = "topic",
               .letter = 't',
               .kind = FlagKind::Text,
               .value = "TOPIC",
               .help = "Where to",
               .required = true},
              {.name = "partition",
               .letter = 'p',
               .kind = FlagKind::Number,
               .help = "-1: by the key, or any for records without one",
               .fallback = "-1",
               .min = -1,
               .max = INT32_MAX},
              {.name = "key-separator",
               .letter = 'K',
               .kind = FlagKind::Text,
               .value = "TEXT",
               .help = "What stands between key and value; without it records have no key"},
              {.name = "delimiter",
               .letter = 'D',
               .kind = FlagKind::Text,
               .value = "TEXT",
               .help = "What ends a record",
               .fallback = "\\n"},
              {.name = "null", .letter = 'Z', .help = "An empty value is sent as null (a tombstone)"},
              {.name = "header",
               .letter = 'H',
               .kind = FlagKind::Text,
               .value = "KEY=VALUE",
               .help = "A header of every record; KEY alone: null",
               .repeats = true},
              {.name = "compression",
               .letter = 'z',
               .kind = FlagKind::Text,
               .value = "CODEC",
               .help = "How to pack",
               .fallback = "none",
               .choices = "none|gzip|snappy|lz4|zstd"},
              {.name = "acks",
               .kind = FlagKind::Text,
               .value = "ACKS",
               .help = "all: stored safely, and once however often it had to be sent",
               .fallback = "all",
               .choices = "all|-1|1|0"},
              {.name = "no-create", .help = "Fail if the topic does not exist"},
              kTimeoutFlag,
              kJsonFlag},
    .details =
        "Keys go to the partitions that Kafka's Java clients choose for them.\n"
        "TEXT may hold \\n, \\t, \\0, \\xHH.\n\n"
        "  echo 'hello' | ledge produce -t greetings\n"
        "  ledge produce -t users -K : -z zstd < users.txt",
    .run = run_produce,
};

}  // namespace ledge::cli
