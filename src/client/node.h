// SPDX-License-Identifier: Apache-2.0
// The connection to one server of a cluster: made when there is something to send, negotiated, kept, and made
// again after a failure, no sooner than a growing pause allows. Requests go out one after the other without
// waiting for answers. Private to client/.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/chain.h"
#include "client/client.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::client {

class Node {
 public:
  struct Answer {
    SharedBytes body;  // behind the response header
    std::int16_t version = 0;
  };
  using Answered = std::move_only_function<void(Result<Answer>)>;

  struct Request {
    const kafka::Api* api = nullptr;
    std::int16_t version_max = INT16_MAX;  // where the caller cannot fill a newer one's fields
    /// The body at the version that was agreed. Called once, before the request leaves.
    std::move_only_function<Chain(std::int16_t version)> encode;
    bool answer_expected = true;  // false: produce with acks=0; answered with an empty body once it has left
    Duration timeout{};
    Answered answered;
  };

  /// `options`, `loop`, `net` and `random` outlive it. When it is destroyed requests are dropped unanswered.
  Node(os::Loop& loop, os::Net& net, os::Random& random, const Options& options, os::Endpoint at);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Answers once, never from inside this call. Errors: ConnectionFailed (never sent, or lost on the way: the
  /// server may or may not have acted), RequestTimedOut, UnsupportedVersion (the server and we share no
  /// version), Malformed (what came back is no answer to what was sent).
  void send(Request request);

  const os::Endpoint& endpoint() const { return at_; }
  bool busy() const { return !waiting_.empty() || !in_flight_.empty(); }
  bool connected() const { return state_ == State::Ready; }

 private:
  enum class State : std::uint8_t { Idle, Pausing, Connecting, Negotiating, Ready };
  class Link;
  struct Waiting {
    Request request;
    Instant deadline;
  };
  struct InFlight {
    std::int32_t correlation_id = 0;
    const kafka::Api* api = nullptr;
    std::int16_t version = 0;
    Instant deadline;
    Answered answered;
  };
  struct Range {
    std::int16_t key, min, max;
  };

  void advance();
  void connect();
  void connected_or_not(Result<std::unique_ptr<os::Connection>> connection);
  void negotiate(std::int16_t version);
  void negotiated(Result<Answer> answer);
  void send_waiting();
  void transmit(const kafka::Api& api, std::int16_t version, Chain body, Instant deadline, bool expected,
                Answered answered);
  std::optional<std::int16_t> agreed_version(const Request& request) const;
  void on_frame(SharedBytes frame);
  void on_lost(const Error& why);
  void lose(const Error& why, ErrorCode oldest = ErrorCode::ConnectionFailed);
  void schedule();
  void on_deadline();
  void later(os::Callback call);

  os::Loop& loop_;
  os::Net& net_;
  os::Random& random_;
  const Options& options_;
  const os::Endpoint at_;

  State state_ = State::Idle;
  std::unique_ptr<Link> link_;
  std::vector<Range> ranges_;
  std::deque<Waiting> waiting_;
  std::deque<InFlight> in_flight_;
  std::int32_t next_correlation_id_ = 1;
  std::int16_t negotiate_at_ = kafka::ApiVersionsRequest::api.max_version;
  int failures_ = 0;  // in a row
  std::string last_failure_;
  std::unique_ptr<os::Timer> pause_timer_;
  std::unique_ptr<os::Timer> deadline_timer_;
  std::shared_ptr<Node*> self_;  // empty for callbacks that outlive this
};

}  // namespace ledge::client
