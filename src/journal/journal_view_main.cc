// SPDX-License-Identifier: Apache-2.0
// journal_view FOLDER: starts from a journal as the server would (which may rewrite its tail and rename
// files) and prints as JSON what recovery found and every batch that can be read. For tests/formats, where a
// second reader has to agree.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include "base/crc32c.h"
#include "base/json.h"
#include "journal/reader.h"
#include "journal/recovery.h"

using namespace ledge;
using namespace ledge::journal;

namespace {

/// Asks, runs the loop until the answer has come, and gives it.
template <class Answer, class Ask> Answer wait_for(os::Loop& loop, Ask ask) {
  std::optional<Answer> answer;
  ask([&](Answer a) {
    answer = std::move(a);
    loop.stop();
  });
  if (!answer) loop.run();
  return std::move(*answer);
}

long long n(std::int64_t value) { return value; }

void print_stream(os::Loop& loop, Reader& reader, std::uint64_t id, const Stream& s) {
  std::printf("{\"stream\":%llu,\"log_start\":%lld,\"next_offset\":%lld,\"batches\":[",
              static_cast<unsigned long long>(id), n(s.log_start), n(s.next_offset));
  std::string lost;
  const char* comma = "";
  for (std::int64_t at = s.log_start; at < s.durable_offset;) {
    using Slices = Result<std::vector<Slice>>;
    auto slices =
        wait_for<Slices>(loop, [&](auto done) { reader.read(StreamId{id}, at, 300000, std::move(done)); });
    if (!slices) {  // "...; next readable offset N"
      const std::string& text = slices.error().detail;
      const auto word = text.rfind(' ');
      const std::int64_t next = slices.error().code == ErrorCode::JournalDamaged && word != std::string::npos
                                    ? std::strtoll(text.c_str() + word + 1, nullptr, 10)
                                    : -1;
      if (next <= at) {
        std::fprintf(stderr, "stream %llu at %lld: %s\n", static_cast<unsigned long long>(id), n(at),
                     slices.error().text().c_str());
        std::exit(1);
      }
      lost += (lost.empty() ? "[" : ",[") + std::to_string(at) + "," + std::to_string(next - 1) + "]";
      at = next;
      continue;
    }
    if (slices->empty()) {
      std::fprintf(stderr, "stream %llu: nothing at %lld\n", static_cast<unsigned long long>(id), n(at));
      std::exit(1);
    }
    for (const Slice& slice : *slices) {
      auto bytes =
          wait_for<Result<SharedBytes>>(loop, [&](auto done) { reader.load({slice}, std::move(done)); });
      const auto& file = static_cast<const SegmentFile&>(*slice.bytes.file);
      std::printf("%s[%lld,%lld,%lld,%llu,%llu,%lld]", comma, n(slice.first_offset), n(slice.last_offset),
                  n(slice.max_timestamp), static_cast<unsigned long long>(file.base) + slice.bytes.position,
                  static_cast<unsigned long long>(slice.bytes.length),
                  bytes ? n(crc32c(bytes->view())) : n(-1));
      comma = ",";
      at = slice.last_offset + 1;
    }
  }
  std::printf("],\"lost\":[%s]}", lost.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto directory = os::open_directory(argv[1]);
  if (!directory) return 1;
  auto real = os::make_real();
  Core core{real.env(), **directory, {}};
  RecoveryReport report;
  if (auto recovered = recover(&core, &report); !recovered) {
    std::printf("{\"refused\":%s}\n", json_string(error_name(recovered.error().code)).c_str());
    return 0;
  }
  std::printf("{\"torn_tail_bytes\":%llu,\"damage\":[",
              static_cast<unsigned long long>(report.torn_tail_bytes));
  const char* comma = "";
  for (const Damage& d : report.damage) {
    std::printf("%s[%llu,%lld,%lld]", comma, static_cast<unsigned long long>(d.stream), n(d.first_offset),
                n(d.last_offset));
    comma = ",";
  }
  std::printf("],\"streams\":[");
  Reader reader{core};
  std::map<std::uint64_t, Stream> ordered{core.streams.begin(), core.streams.end()};
  comma = "";
  for (const auto& [id, stream] : ordered) {
    std::printf("%s", comma);
    print_stream(*real.loop, reader, id, stream);
    comma = ",";
  }
  std::printf("]}\n");
  return 0;
}
