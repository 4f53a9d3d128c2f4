// SPDX-License-Identifier: Apache-2.0
#include "sim/export.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/crc32c.h"
#include "os/system.h"
#include "sim/disk.h"

namespace ledge::sim {

namespace {

std::uint64_t number(const std::string& variable, std::uint64_t fallback) {
  const auto text = os::environment(variable);
  if (!text) return fallback;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  CHECK(error == std::errc{} && end == text->data() + text->size() && out > 0);
  return out;
}

// Holes stay holes: a segment is mostly zeros.
Result<void> copy(os::Directory& to, const std::string& name, const Bytes& bytes) {
  constexpr std::size_t kChunkBytes = 65536;
  TRY(auto file, to.create(name));
  for (std::size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    const ByteView chunk = ByteView{bytes}.subspan(at, std::min(kChunkBytes, bytes.size() - at));
    if (std::ranges::any_of(chunk, [](std::uint8_t b) { return b != 0; }))
      TRY_VOID(file->write_at(at, {&chunk, 1}));
  }
  return file->truncate(bytes.size());
}

}  // namespace

DiskExport* DiskExport::from_environment() {
  static const auto folder = os::environment("LEDGE_EXPORT_DISKS");
  if (!folder) return nullptr;
  static DiskExport one{*folder, number("LEDGE_EXPORT_EVERY", 1), number("LEDGE_EXPORT_MAX", 50)};
  return &one;
}

void DiskExport::take(const Disk& disk) {
  if (taken_ >= max_) return;
  std::uint32_t state = 0;
  const auto names = disk.names();
  for (const std::string& name : names) state = crc32c(*disk.content(name), crc32c(as_bytes(name), state));
  if (names.empty() || !seen_.insert(state).second || seen_.size() % every_ != 0) return;
  std::string number = std::to_string(++taken_);
  number.insert(0, 5 - std::min<std::size_t>(number.size(), 5), '0');
  auto to = os::open_directory(folder_ + "/" + number);
  CHECK(to.has_value());
  for (const std::string& name : names) CHECK(copy(**to, name, *disk.content(name)).has_value());
}

}  // namespace ledge::sim
