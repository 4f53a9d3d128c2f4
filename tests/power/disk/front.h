// SPDX-License-Identifier: Apache-2.0
// How a kernel reaches the disk. A front turns its protocol's requests into calls of Port, and answers.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ledge::power {

/// The powered disk as a front sees it. Without power every call fails, which a front answers with EIO.
class Port {
 public:
  virtual ~Port() = default;
  virtual std::uint64_t size() const = 0;
  virtual bool read(std::uint64_t position, MutableBytes into) = 0;
  virtual bool write(std::uint64_t position, ByteView bytes) = 0;
  /// `done` comes later, with false when the power went before the flush ended.
  virtual void flush(std::function<void(bool)> done) = 0;
};

class Front {
 public:
  virtual ~Front() = default;
  /// Descriptors to wait on; poll() is called again when any of them is ready.
  virtual std::vector<pollfd> wants() const = 0;
  /// Handles what is there. An error ends the program.
  virtual Result<void> ready(const std::vector<pollfd>& polled) = 0;
};

/// The disk as one file mounted over the (existing, regular) file at `path`: a loop device goes on top. Root
/// only.
Result<std::unique_ptr<Front>> fuse_front(const std::string& path, Port& port);
/// The disk at a Unix socket, for one NBD client at a time (qemu).
Result<std::unique_ptr<Front>> nbd_front(const std::string& path, Port& port);

}  // namespace ledge::power
