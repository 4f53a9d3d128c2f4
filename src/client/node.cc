// SPDX-License-Identifier: Apache-2.0
#include "client/node.h"

#include <algorithm>
#include <utility>

#include "client/backoff.h"
#include "wire/kafka/messages/18_api_versions.h"

namespace ledge::client {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::int32_t kSmallestFrame = 4;  // a correlation id
constexpr std::size_t kFirstBufferBytes = 16384;

std::string short_text(const Error& error) {
  return error.detail.empty() ? std::string{error_text(error.code)} : error.detail;
}

}  // namespace

/// An open connection and the frame that is arriving on it. Outlives its node by one turn of the loop, so
/// that a connection is never destroyed from inside its own callback.
class Node::Link final : public os::ConnectionHandler {
 public:
  Link(Node* node, std::unique_ptr<os::Connection> connection)
      : node_(node), connection_(std::move(connection)) {}

  void start() { connection_->start(this); }
  void send(Chain bytes) { connection_->send(std::move(bytes)); }
  void detach() {
    node_ = nullptr;
    if (connection_) connection_->pause_reading();
  }

  MutableBytes read_buffer() override {
    if (node_ == nullptr) return {};
    if (length_have_ < kLengthBytes) return MutableBytes{length_}.subspan(length_have_);
    if (frame_have_ == frame_.size())  // grows as bytes arrive, not by what was announced
      frame_.resize(std::min(announced_, std::max(kFirstBufferBytes, frame_.size() * 2)));
    return MutableBytes{frame_}.subspan(frame_have_);
  }

  void on_read(std::size_t n) override {
    if (node_ == nullptr) return;
    if (length_have_ < kLengthBytes) {
      length_have_ += n;
      if (length_have_ == kLengthBytes) check_length();
      return;
    }
    frame_have_ += n;
    if (frame_have_ < announced_) return;
    length_have_ = frame_have_ = 0;
    node_->on_frame(SharedBytes::take(std::exchange(frame_, {})));
  }

  void on_closed(const Error& why) override {
    if (node_ != nullptr) node_->on_lost(why);
  }

 private:
  void check_length() {
    const auto length = load_be<std::int32_t>(length_.data());
    if (length < kSmallestFrame) return node_->lose({ErrorCode::Malformed, "an answer of impossible length"});
    if (length > node_->options_.response_bytes_max)
      return node_->lose({ErrorCode::LimitExceeded, "an answer of " + std::to_string(length) + " bytes"});
    announced_ = static_cast<std::size_t>(length);
  }

  Node* node_;
  std::unique_ptr<os::Connection> connection_;
  std::array<std::uint8_t, kLengthBytes> length_{};
  std::size_t length_have_ = 0;
  std::size_t announced_ = 0;
  Bytes frame_;
  std::size_t frame_have_ = 0;
};

Node::Node(os::Loop& loop, os::Net& net, os::Random& random, const Options& options, os::Endpoint at)
    : loop_(loop),
      net_(net),
      random_(random),
      options_(options),
      at_(std::move(at)),
      pause_timer_(loop.timer()),
      deadline_timer_(loop.timer()),
      self_(std::make_shared<Node*>(this)) {}

Node::~Node() {
  *self_ = nullptr;
  if (link_) link_->detach();
}

void Node::send(Request request) {
  if (waiting_.size() + in_flight_.size() >= static_cast<std::size_t>(limits::client_requests_max)) {
    later([answered = std::move(request.answered)]() mutable {
      answered(fail(ErrorCode::LimitExceeded, "too many requests to one server"));
    });
    return;
  }
  const Instant deadline = loop_.now() + request.timeout;
  waiting_.push_back({std::move(request), deadline});
  advance();
  schedule();
}

void Node::advance() {
  if (waiting_.empty()) return;
  if (state_ == State::Idle) connect();
  if (state_ == State::Ready) send_waiting();
}

void Node::connect() {
  state_ = State::Connecting;
  net_.connect(at_, options_.connect_timeout, [self = self_](Result<std::unique_ptr<os::Connection>> made) {
    if (*self != nullptr) (*self)->connected_or_not(std::move(made));
  });
}

void Node::connected_or_not(Result<std::unique_ptr<os::Connection>> made) {
  if (!made) return lose({ErrorCode::ConnectionFailed, short_text(made.error())});
  link_ = std::make_unique<Link>(this, *std::move(made));
  link_->start();
  state_ = State::Negotiating;
  negotiate(negotiate_at_);
}

void Node::negotiate(std::int16_t version) {
  kafka::ApiVersionsRequest request;
  request.client_software_name = "ledge";
  request.client_software_version = options_.software_version;
  transmit(kafka::ApiVersionsRequest::api, version, kafka::encode(request, version),
           loop_.now() + options_.connect_timeout, true,
           [this](Result<Answer> answer) { negotiated(std::move(answer)); });
  schedule();
}

/// KIP-511: who does not know our version of ApiVersions answers UNSUPPORTED_VERSION in version 0, with the
/// range it does know. Some proxies just close, hence the plain version 0 at the next attempt.
void Node::negotiated(Result<Answer> answer) {
  if (!answer) {  // lose() has run or is running
    negotiate_at_ = 0;
    return;
  }
  ByteReader peek{answer->body.view()};
  const bool unsupported = error_from_wire(peek.be<std::int16_t>()) == ErrorCode::UnsupportedVersion;
  auto response = kafka::decode<kafka::ApiVersionsResponse>(answer->body,
                                                            unsupported ? std::int16_t{0} : answer->version);
  if (!response) return lose(response.error());
  ranges_.clear();
  for (const auto& api : response->api_keys)
    ranges_.push_back({api.api_key, api.min_version, api.max_version});
  if (unsupported && answer->version > 0) {
    std::int16_t next = 0;
    for (const Range& range : ranges_)
      if (range.key == kafka::ApiVersionsRequest::api.key)
        next = std::min<std::int16_t>(range.max, answer->version - 1);
    return negotiate(std::max<std::int16_t>(next, 0));
  }
  if (const ErrorCode code = error_from_wire(response->error_code); code != ErrorCode::None)
    return lose({code, "ApiVersions"});
  negotiate_at_ = kafka::ApiVersionsRequest::api.max_version;
  failures_ = 0;
  state_ = State::Ready;
  send_waiting();
  schedule();
}

std::optional<std::int16_t> Node::agreed_version(const Request& request) const {
  const auto range = std::ranges::find(ranges_, request.api->key, &Range::key);
  if (range == ranges_.end()) return std::nullopt;
  const std::int16_t newest = std::min({request.api->max_version, request.version_max, range->max});
  const std::int16_t oldest = std::max(request.api->min_version, range->min);
  if (newest < oldest) return std::nullopt;
  return newest;
}

void Node::send_waiting() {
  for (auto& [request, deadline] : std::exchange(waiting_, {})) {
    const auto version = agreed_version(request);
    if (!version) {
      later([answered = std::move(request.answered), api = request.api, at = at_.text()]() mutable {
        answered(fail(ErrorCode::UnsupportedVersion,
                      at + " has no version of " + std::string{api->name} + " that this client knows"));
      });
      continue;
    }
    transmit(*request.api, *version, request.encode(*version), deadline, request.answer_expected,
             std::move(request.answered));
  }
}

void Node::transmit(const kafka::Api& api, std::int16_t version, Chain body, Instant deadline, bool expected,
                    Answered answered) {
  const std::int32_t correlation_id = next_correlation_id_;
  next_correlation_id_ = correlation_id == INT32_MAX ? 1 : correlation_id + 1;
  ByteWriter head;
  head.be<std::int32_t>(0);
  kafka::encode_request_header(head, {api.key, version, correlation_id, options_.client_id});
  store_be(head.at(0), static_cast<std::int32_t>(head.size() - kLengthBytes + body.size()));
  Chain frame{SharedBytes::take(head.take())};
  frame.add(std::move(body));
  link_->send(std::move(frame));
  if (expected) {
    in_flight_.push_back({correlation_id, &api, version, deadline, std::move(answered)});
  } else {
    later([answered = std::move(answered), version]() mutable { answered(Answer{{}, version}); });
  }
}

/// Servers answer in the order of the requests, so only the oldest request can be meant.
void Node::on_frame(SharedBytes frame) {
  if (in_flight_.empty()) return lose({ErrorCode::Malformed, "an answer to nothing"});
  const InFlight& oldest = in_flight_.front();
  std::size_t header_bytes = 0;
  const auto header = kafka::decode_response_header(frame, oldest.api->key, oldest.version, &header_bytes);
  if (!header) return lose(header.error());
  if (*header != oldest.correlation_id)
    return lose({ErrorCode::Malformed, "an answer to another request than the oldest"});
  Answered answered = std::move(in_flight_.front().answered);
  const std::int16_t version = oldest.version;
  in_flight_.pop_front();
  schedule();
  answered(Answer{frame.sub(header_bytes, frame.size() - header_bytes), version});
}

void Node::on_lost(const Error& why) {
  lose({ErrorCode::ConnectionFailed, at_.text() + ": " + short_text(why)});
}

/// The connection ends, here or there: whatever waits for it fails, and the next one waits for a pause.
/// `oldest` is what the request at the front is told.
void Node::lose(const Error& why, ErrorCode oldest) {
  const bool idle = state_ == State::Ready && in_flight_.empty() && waiting_.empty();
  if (link_) {
    link_->detach();
    loop_.post([link = std::move(link_)] {});
  }
  if (state_ == State::Negotiating) negotiate_at_ = 0;
  ranges_.clear();
  auto in_flight = std::exchange(in_flight_, {});
  auto waiting = std::exchange(waiting_, {});
  state_ = State::Idle;
  if (!idle) {
    ++failures_;
    state_ = State::Pausing;
    const Duration pause =
        backoff(failures_, options_.reconnect_pause, options_.reconnect_pause_max, random_.u64());
    pause_timer_->set(loop_.now() + pause, [this] {
      state_ = State::Idle;
      advance();
    });
  }
  schedule();
  const auto self = self_;
  const Error others{ErrorCode::ConnectionFailed, short_text(why)};
  last_failure_ = others.detail;
  bool first = true;
  for (InFlight& request : in_flight) {
    if (*self == nullptr) return;
    request.answered(std::unexpected(std::exchange(first, false) ? Error{oldest, others.detail} : others));
  }
  for (Waiting& one : waiting) {
    if (*self == nullptr) return;
    one.request.answered(std::unexpected(others));
  }
}

void Node::schedule() {
  std::optional<Instant> next;
  const auto earlier = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  for (const Waiting& one : waiting_) earlier(one.deadline);
  for (const InFlight& one : in_flight_) earlier(one.deadline);
  if (!next) return deadline_timer_->cancel();
  deadline_timer_->set(*next, [this] { on_deadline(); });
}

/// An answer that does not come blocks all that come behind it, so the connection goes with it.
void Node::on_deadline() {
  const Instant now = loop_.now();
  std::vector<Answered> expired;
  std::erase_if(waiting_, [&](Waiting& one) {
    if (one.deadline > now) return false;
    expired.push_back(std::move(one.request.answered));
    return true;
  });
  const auto late =
      std::ranges::find_if(in_flight_, [&](const InFlight& one) { return one.deadline <= now; });
  const auto self = self_;
  if (late != in_flight_.end()) {
    const std::string what{late->api->name};
    std::rotate(in_flight_.begin(), late,
                late + 1);  // the late one is told so, the others that they were lost
    lose({ErrorCode::RequestTimedOut, at_.text() + " did not answer " + what + " in time"},
         ErrorCode::RequestTimedOut);
  } else {
    schedule();
  }
  for (Answered& answered : expired) {
    if (*self == nullptr) return;
    if (failures_ > 0)
      answered(fail(ErrorCode::ConnectionFailed, last_failure_));
    else
      answered(fail(ErrorCode::RequestTimedOut, "no connection to " + at_.text() + " in time"));
  }
}

void Node::later(os::Callback call) {
  loop_.post([self = self_, call = std::move(call)]() mutable {
    if (*self != nullptr) call();
  });
}

}  // namespace ledge::client
