// SPDX-License-Identifier: Apache-2.0
// What is on its way out: bytes in memory and ranges of files, in order. Answers with records are chains, so
// that records go from the page cache to the socket without passing through us.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace ledge {

namespace os {
class File;
}

/// A range of an open file; holding it keeps the file open and its segment from being recycled.
struct FileRange {
  std::shared_ptr<const os::File> file;
  std::uint64_t position = 0;
  std::uint32_t length = 0;
};

using ChainPiece = std::variant<SharedBytes, FileRange>;

class Chain {
 public:
  Chain() = default;
  explicit Chain(SharedBytes bytes) { add(std::move(bytes)); }

  void add(SharedBytes bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    pieces_.emplace_back(std::move(bytes));
  }
  void add(FileRange range) {
    if (range.length == 0) return;
    size_ += range.length;
    pieces_.emplace_back(std::move(range));
  }
  void add(Chain other) {
    size_ += other.size_;
    for (ChainPiece& piece : other.pieces_) pieces_.push_back(std::move(piece));
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::vector<ChainPiece>& pieces() const { return pieces_; }
  std::vector<ChainPiece> take() {
    size_ = 0;
    return std::move(pieces_);
  }

 private:
  std::vector<ChainPiece> pieces_;
  std::size_t size_ = 0;
};

}  // namespace ledge
