// SPDX-License-Identifier: Apache-2.0
// What the disk below can do at best: write and fdatasync, one after the other, in a file that grows and in
// one that was written beforehand.
//
//   disk FOLDER [COUNT]
//
// Prints one JSON object; times in microseconds.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

std::vector<double> synced_writes(const std::string& path, size_t bytes, size_t count, bool beforehand) {
  std::vector<char> data(bytes, 'x');
  unlink(path.c_str());
  int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  check(file >= 0, path.c_str());
  if (beforehand) {
    for (size_t i = 0; i < count; ++i)
      check(pwrite(file, data.data(), bytes, static_cast<off_t>(i * bytes)) == static_cast<ssize_t>(bytes),
            "pwrite");
  }
  check(fsync(file) == 0, "fsync");
  std::vector<double> times;
  for (size_t i = 0; i < count; ++i) {
    auto begin = std::chrono::steady_clock::now();
    check(pwrite(file, data.data(), bytes, static_cast<off_t>(i * bytes)) == static_cast<ssize_t>(bytes),
          "pwrite");
    check(fdatasync(file) == 0, "fdatasync");
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  close(file);
  unlink(path.c_str());
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: disk FOLDER [COUNT]\n");
    return 2;
  }
  std::string path = std::string(argv[1]) + "/disk-probe";
  size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000;
  std::printf("{");
  const char* separator = "";
  for (bool beforehand : {false, true}) {
    for (size_t bytes : {4096UL, 65536UL}) {
      auto us = synced_writes(path, bytes, count, beforehand);
      std::string name = std::string(beforehand ? "written" : "growing") + (bytes == 4096 ? "_4k" : "_64k");
      std::printf("%s\"%s_p50_us\": %.1f, \"%s_p99_us\": %.1f", separator, name.c_str(), us[us.size() / 2],
                  name.c_str(), us[us.size() * 99 / 100]);
      separator = ", ";
    }
  }
  std::printf("}\n");
  return 0;
}
