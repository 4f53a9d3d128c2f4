// SPDX-License-Identifier: Apache-2.0
// journal_sample FOLDER: writes a journal of a few segments there with the real os/, then prints what
// inspect() finds in it, a line each. For tests/formats, where a second reader has to agree.
#include <cstdio>

#include "journal/journal.h"

using namespace ledge;
using namespace ledge::journal;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto directory = os::open_directory(argv[1]);
  if (!directory) return 1;
  if (auto names = (*directory)->list(); names && names->empty()) {
    auto real = os::make_real();
    Options options;
    options.segment_bytes = 1048576;
    RecoveryReport report;
    auto opened = Journal::open(real.env(), **directory, options, {}, &report);
    if (!opened) return 1;
    Journal& journal = **opened;
    int waiting = 90;
    for (int i = 0; i < 90; ++i) {
      StreamId stream{1024u + static_cast<unsigned>(i % 3)};
      auto first = journal.stream(stream).next_offset;
      Entry e{{.stream = stream, .first_offset = first, .last_offset = first + 1, .max_timestamp = i},
              SharedBytes::take(Bytes(static_cast<std::size_t>(i % 4 ? 9000 + i : 40000), 7))};
      std::vector<Entry> group;
      group.push_back(std::move(e));
      auto taken = journal.append(std::move(group), [&](Result<void>) {
        if (--waiting == 0) journal.drain([&] { real.loop->stop(); });
      });
      if (!taken) return 1;
    }
    real.loop->run();
    opened->reset();
  }
  auto found =
      inspect(**directory, [](const std::string& file, std::uint64_t at, const EntryHeader& h, ByteView b) {
        std::printf("entry %s %llu %llu %d %lld %lld %lld %zu\n", file.c_str(),
                    static_cast<unsigned long long>(at), static_cast<unsigned long long>(h.stream),
                    static_cast<int>(h.kind), static_cast<long long>(h.first_offset),
                    static_cast<long long>(h.last_offset), static_cast<long long>(h.max_timestamp), b.size());
      });
  if (!found) return 1;
  for (const auto& s : found->segments)
    if (!s.spare)
      std::printf("segment %s %llu %llu %d\n", s.file.c_str(), static_cast<unsigned long long>(s.used_bytes),
                  static_cast<unsigned long long>(s.frames), s.sealed ? 1 : 0);
  return 0;
}
