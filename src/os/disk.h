// SPDX-License-Identifier: Apache-2.0
// Files of one data folder. Calls block: on the core loop use only those marked "loop"; the rest belongs on a
// Worker (or in start-up, before the loop runs). What a power cut may do is stated per call; sim::Disk does
// all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ledge::os {

/// An open file. Shared: a reader that still holds it (a slice on its way to a socket) keeps it open.
class File {
 public:
  virtual ~File() = default;

  /// Reads until `into` is full or the file ends; returns the bytes read.
  virtual Result<std::size_t> read_at(std::uint64_t position, MutableBytes into) const = 0;
  /// loop: like read_at, but never waits for the disk: returns the leading bytes that were in the page cache,
  /// maybe 0.
  virtual Result<std::size_t> read_cached(std::uint64_t position, MutableBytes into) const = 0;
  /// loop: whether all of the range is in the page cache, as far as the system can tell without blocking.
  virtual bool is_cached(std::uint64_t position, std::uint64_t length) const = 0;
  /// Writes all pieces one behind the other at `position`. Until sync() returns, a power cut may keep any
  /// subset of the touched 512-byte sectors. Bytes outside the range are never harmed.
  virtual Result<void> write_at(std::uint64_t position, std::span<const ByteView> pieces) = 0;
  /// fdatasync: what was written to this file is durable. After an error the file must be considered damaged:
  /// what was written since the last good sync is unknown, and a later sync that succeeds proves nothing.
  virtual Result<void> sync() = 0;
  /// Makes the file at least `size` long with disk blocks behind all of it (fallocate), so that later writes
  /// into it change no size. Durable after sync().
  virtual Result<void> allocate(std::uint64_t size) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() const = 0;
  /// The descriptor for sendfile, -1 when there is none (simulation).
  virtual int descriptor() const = 0;
};

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
};

/// A folder of files; names are relative to it and hold no '/'.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual Result<std::shared_ptr<File>> open(const std::string& name) = 0;
  /// Fails with InUse when the name exists. The name is durable only after sync_names().
  virtual Result<std::shared_ptr<File>> create(const std::string& name) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& name) = 0;
  /// fsync of the folder: creations, renames and removals before it are durable, and the folder itself, when
  /// it was made to be opened.
  virtual Result<void> sync_names() = 0;
  /// Regular files, sorted.
  virtual Result<std::vector<std::string>> list() = 0;
  virtual Result<DiskSpace> space() const = 0;
  /// Absolute, where the system can tell.
  virtual std::string path() const = 0;
};

}  // namespace ledge::os
