// SPDX-License-Identifier: Apache-2.0
// One connection's side of the protocol: cuts frames, starts them in order as far as they may overlap, sends
// answers in order. Private to server/.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "broker/broker.h"
#include "os/net.h"
#include "server/deadlines.h"
#include "server/server.h"

namespace ledge::server {

class Session;

/// What sessions share. Outlives them.
struct Shared {
  Shared(os::Loop& loop, const Options& options, broker::Handler& handler,
         std::shared_ptr<broker::Budget> budget);

  const Options& options;
  broker::Handler& handler;
  std::shared_ptr<broker::Budget> budget;
  Stats stats;
  os::Loop& loop;
  /// Where bytes of connections that are not inside a large frame land; emptied before the next read. One for
  /// all, so that an idle connection costs no buffer.
  Bytes read_buffer;
  Deadlines<Session> idle;
  Deadlines<Session> stalled;
  /// Who could not get memory for a frame, longest waiting first.
  std::deque<Session*> memory_waiters;
  /// The session is over; its owner destroys it soon, not at once.
  std::function<void(Session&)> gone;

  void memory_freed();
  /// Bytes that were read before they could be cut, of all sessions; when they grow, reads shrink, so that
  /// they stay bounded.
  std::uint64_t rest_bytes = 0;
  std::size_t bytes_per_read() const;
};

class Session final : public os::ConnectionHandler,
                      public broker::AnswerSink,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, broker::ConnectionId id, std::shared_ptr<const broker::Listener> listener,
          std::unique_ptr<os::Connection> connection);
  ~Session() override;
  void start();

  broker::ConnectionId id() const { return id_; }
  /// Reads nothing more, sends the answers of what was begun, closes.
  void stop();
  void idle_too_long();
  void stalled_too_long();
  /// It is this session's turn to try for memory. False: in vain.
  bool try_memory_again();

  MutableBytes read_buffer() override;
  void on_read(std::size_t n) override;
  void on_drained() override;
  void on_closed(const Error& why) override;

  void answered(std::uint64_t slot, Chain response) override;
  void refused(std::uint64_t slot, std::string_view why, const std::string& detail) override;
  os::Endpoint peer() const override { return peer_; }

 private:
  /// One request that was begun and whose answer has not left.
  struct Slot {
    enum class State : std::uint8_t { Waiting, Ready, Close } state = State::Waiting;
    broker::Overlap overlap = broker::Overlap::Never;
    Chain response;
  };

  void advance();
  void send_ready();
  void cut();
  bool take_memory(std::size_t bytes);
  void wait_for_memory();
  bool length_is_legal(std::int32_t length);
  bool may_start(ByteView frame) const;
  void begin(SharedBytes frame);
  bool may_read() const;
  void keep_rest();
  void watch_stall();
  void end_with(std::string_view why, const std::string& detail);
  void close_now();

  Shared& shared_;
  const broker::ConnectionId id_;
  const std::shared_ptr<const broker::Listener> listener_;
  const os::Endpoint peer_;
  std::unique_ptr<os::Connection> connection_;

  std::array<std::uint8_t, 4> length_{};  // of the frame that is being cut
  std::uint8_t length_have_ = 0;
  std::optional<SharedBytes> frame_;  // its buffer, once its memory was granted
  std::size_t frame_have_ = 0;
  Instant frame_began_;
  std::optional<SharedBytes> whole_;  // a frame whose turn has not come
  ByteView input_;                    // bytes that were read and not cut yet
  Bytes rest_;                        // what input_ points to between reads

  std::vector<Slot> slots_;       // in request order
  std::uint64_t first_slot_ = 0;  // the number of slots_.front()
  std::size_t backlog_seen_ = 0;
  Deadlines<Session>::Place idle_place_;
  Deadlines<Session>::Place stall_place_;
  bool working_ = false;  // advance() is on the stack
  bool paused_ = false;   // we told the connection not to read
  bool waits_for_memory_ = false;
  bool memory_turn_ = false;
  bool ending_ = false;   // a Close slot is on its way, or we stop
  bool closing_ = false;  // close_after_send() was called
  bool closed_ = false;
};

}  // namespace ledge::server
