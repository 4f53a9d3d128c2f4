// SPDX-License-Identifier: Apache-2.0
// How an answer finds its way back to the connection that asked, which may be gone by then.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/chain.h"
#include "os/net.h"

namespace ledge::broker {

/// The asking side. All calls are on the loop thread and may come from inside Handler::handle().
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// The answer to the request in `slot`, length prefix included; empty when the request has none.
  virtual void answered(std::uint64_t slot, Chain response) = 0;
  /// Instead of an answer to `slot` the connection ends, after the answers to what came before it; a slot
  /// that was answered already: after all. `why` is one of a few fixed texts, `detail` may hold what the peer
  /// sent.
  virtual void refused(std::uint64_t slot, std::string_view why, const std::string& detail) = 0;
  virtual os::Endpoint peer() const = 0;
};

/// The right and duty to answer one request, once. Destroyed without an answer it closes the connection, so
/// that a client never waits for ever; that is a program error, which is counted.
class Reply {
 public:
  Reply() = default;
  Reply(std::weak_ptr<AnswerSink> sink, std::uint64_t slot)
      : sink_(std::move(sink)), slot_(slot), open_(true) {}
  Reply(Reply&& other) noexcept
      : sink_(std::move(other.sink_)), slot_(other.slot_), open_(std::exchange(other.open_, false)) {}
  Reply& operator=(Reply&& other) noexcept {
    std::swap(sink_, other.sink_);
    std::swap(slot_, other.slot_);
    std::swap(open_, other.open_);
    return *this;
  }
  ~Reply() {
    if (auto sink = take()) sink->refused(slot_, kDropped, {});
  }

  /// The whole answer, length prefix included.
  void send(Chain response) {
    if (auto sink = take()) sink->answered(slot_, std::move(response));
  }
  /// Closes the connection instead of answering.
  void refuse(std::string_view why, const std::string& detail = {}) {
    if (auto sink = take()) sink->refused(slot_, why, detail);
  }
  /// Closes the connection although send() was called: what acks=0 has in place of an error.
  void refuse_late(std::string_view why, const std::string& detail) {
    if (auto sink = sink_.lock()) sink->refused(slot_, why, detail);
  }
  /// Nobody waits any more: the connection is gone.
  void abandon() { open_ = false; }
  bool open() const { return open_; }
  /// Empty when the connection is gone.
  os::Endpoint peer() const {
    auto sink = sink_.lock();
    return sink ? sink->peer() : os::Endpoint{};
  }

  static constexpr std::string_view kDropped = "a request was dropped without an answer";

 private:
  std::shared_ptr<AnswerSink> take() { return std::exchange(open_, false) ? sink_.lock() : nullptr; }

  std::weak_ptr<AnswerSink> sink_;
  std::uint64_t slot_ = 0;
  bool open_ = false;
};

}  // namespace ledge::broker
