// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "os/system.h"

namespace ledge::os {

namespace {

constexpr std::size_t kProcFileBytesMax = 1 << 20;

std::uint64_t count_descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
  closedir(folder);
  return count > 0 ? count - 1 : 0;  // without the one that looks
}

/// Fields of /proc/self/stat after the command's name, which may hold spaces: [0] is field 3 of proc(5).
std::vector<std::string> stat_fields() {
  const auto text = read_whole_file("/proc/self/stat", kProcFileBytesMax);
  std::vector<std::string> fields;
  if (!text) return fields;
  std::size_t at = text->rfind(')');
  while (at != std::string::npos && at + 1 < text->size()) {
    const std::size_t begin = at + 1;
    at = text->find(' ', begin);
    if (at != begin) fields.push_back(text->substr(begin, at == std::string::npos ? at : at - begin));
  }
  return fields;
}

double boot_time_seconds() {
  static const double at = [] {
    const auto text = read_whole_file("/proc/stat", kProcFileBytesMax);
    const std::size_t line = text ? text->find("btime ") : std::string::npos;
    return line == std::string::npos ? 0.0 : std::strtod(text->c_str() + line + 6, nullptr);
  }();
  return at;
}

}  // namespace

ProcessStats process_stats() {
  ProcessStats out;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) out.descriptors_max = files.rlim_cur;
  out.open_descriptors = count_descriptors();
  const auto fields = stat_fields();
  if (fields.size() < 22) return out;
  // proc(5): 14 utime, 15 stime, 20 num_threads, 22 starttime, 24 rss.
  const auto number = [&](std::size_t field) { return std::strtod(fields[field - 3].c_str(), nullptr); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  out.cpu_seconds = (number(14) + number(15)) / ticks;
  out.threads = static_cast<std::uint64_t>(number(20));
  out.start_time_seconds = boot_time_seconds() + number(22) / ticks;
  out.resident_bytes =
      static_cast<std::uint64_t>(number(24)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return out;
}

}  // namespace ledge::os
