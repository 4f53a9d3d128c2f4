// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/log.h"

namespace ledge::server {
namespace {

constexpr std::size_t kReadBufferBytes = 65536;  // several small requests a read
constexpr std::size_t kCautiousReadBytes = 4096;

/// What strangers send to a Kafka port, told from the four bytes that should have been a length.
std::string_view guess(const std::array<std::uint8_t, 4>& length) {
  if (length[0] == 0x16 && length[1] == 0x03) return "looks like TLS on a listener without";
  const std::string_view text = as_text(length);
  for (const std::string_view verb : {"GET ", "POST", "HEAD", "PUT "}) {
    if (text == verb) return "looks like HTTP";
  }
  return "";
}

}  // namespace

Shared::Shared(os::Loop& l, const Options& o, broker::Handler& h, std::shared_ptr<broker::Budget> b)
    : options(o),
      handler(h),
      budget(std::move(b)),
      loop(l),
      read_buffer(kReadBufferBytes),
      idle(loop, options.idle, [](Session& session) { session.idle_too_long(); }),
      stalled(loop, options.stall, [](Session& session) { session.stalled_too_long(); }) {}

std::size_t Shared::bytes_per_read() const {
  constexpr std::uint64_t kPartOfMemory = 8;
  return rest_bytes < budget->bytes_max() / kPartOfMemory ? read_buffer.size() : kCautiousReadBytes;
}

void Shared::memory_freed() {
  while (!memory_waiters.empty()) {
    Session* next = memory_waiters.front();
    memory_waiters.pop_front();
    if (!next->try_memory_again()) return;
  }
}

Session::Session(Shared& shared, broker::ConnectionId id, std::shared_ptr<const broker::Listener> listener,
                 std::unique_ptr<os::Connection> connection)
    : shared_(shared),
      id_(id),
      listener_(std::move(listener)),
      peer_(connection->peer()),
      connection_(std::move(connection)),
      idle_place_(shared.idle.outside()),
      stall_place_(shared.stalled.outside()) {}

Session::~Session() {
  shared_.rest_bytes -= rest_.size();
  shared_.idle.remove(idle_place_);
  shared_.stalled.remove(stall_place_);
  if (waits_for_memory_) std::erase(shared_.memory_waiters, this);
}

void Session::start() {
  shared_.idle.touch(idle_place_, this);
  connection_->start(this);
}

// --- bytes in
// -------------------------------------------------------------------------------------------------------

MutableBytes Session::read_buffer() {
  // With others waiting for memory a new frame would only join them: its bytes stay in the kernel.
  if (may_read() && !frame_ && !shared_.memory_waiters.empty()) wait_for_memory();
  if (!may_read()) {
    paused_ = true;
    return {};
  }
  if (frame_) return frame_->mutable_view().subspan(frame_have_);
  return MutableBytes{shared_.read_buffer}.first(shared_.bytes_per_read());
}

void Session::on_read(std::size_t n) {
  if (closed_ || closing_) return;
  shared_.stats.bytes_in += n;
  shared_.idle.touch(idle_place_, this);
  CHECK(input_.empty());
  if (frame_) {
    frame_have_ += n;
    CHECK(frame_have_ <= frame_->size());
  } else {
    input_ = ByteView{shared_.read_buffer}.first(n);
  }
  advance();
}

/// Does everything that can be done now; called after whatever may have made something possible. A handler
/// that answers at once comes back here from inside begin(), and is served by the turn that is running.
void Session::advance() {
  if (working_ || closed_) return;
  const auto keep = shared_from_this();
  working_ = true;
  for (;;) {
    send_ready();
    if (closing_ || closed_) break;
    if (whole_ && !ending_ && may_start(whole_->view())) {
      begin(*std::exchange(whole_, std::nullopt));
      continue;
    }
    const bool frame_is_full = frame_ && frame_have_ == frame_->size();
    if (ending_ || whole_ || waits_for_memory_ || (input_.empty() && !frame_is_full)) break;
    cut();
  }
  working_ = false;
  if (closed_) return;
  keep_rest();
  watch_stall();
  if (closing_ || closed_) return;
  if (paused_ && may_read()) {
    paused_ = false;
    connection_->resume_reading();
  } else if (!paused_ && !may_read()) {
    paused_ = true;
    connection_->pause_reading();
  }
}

/// One step: towards a length, a buffer, a full buffer, a whole frame.
void Session::cut() {
  if (length_have_ < length_.size()) {
    if (length_have_ == 0) frame_began_ = shared_.loop.now();
    const std::size_t n = std::min(length_.size() - length_have_, input_.size());
    std::ranges::copy(input_.first(n), length_.begin() + length_have_);
    length_have_ = static_cast<std::uint8_t>(length_have_ + n);
    input_ = input_.subspan(n);
    if (length_have_ < length_.size()) return;
    if (!length_is_legal(load_be<std::int32_t>(length_.data()))) return;
  }
  if (!frame_ && !take_memory(static_cast<std::size_t>(load_be<std::int32_t>(length_.data())))) return;
  const std::size_t n = std::min(frame_->size() - frame_have_, input_.size());
  std::ranges::copy(input_.first(n), frame_->mutable_view().subspan(frame_have_).begin());
  input_ = input_.subspan(n);
  frame_have_ += n;
  if (frame_have_ < frame_->size()) return;
  whole_ = std::exchange(frame_, std::nullopt);
  frame_have_ = 0;
  length_have_ = 0;
}

bool Session::length_is_legal(std::int32_t length) {
  constexpr std::int32_t kSmallest = 8;  // api key, version, correlation id
  if (length >= kSmallest && length <= shared_.options.request_bytes_max) return true;
  ++shared_.stats.closed_bad_frame;
  end_with("a frame of an impossible size was announced",
           std::to_string(length) + " bytes " + std::string{guess(length_)});
  return false;
}

bool Session::take_memory(std::size_t bytes) {
  auto& waiters = shared_.memory_waiters;
  std::optional<broker::Charge> charge;
  if (memory_turn_ || waiters.empty()) charge = shared_.budget->take(bytes);
  if (charge) {
    frame_ = broker::charged_buffer(bytes, std::move(*charge));
    return true;
  }
  wait_for_memory();
  return false;
}

void Session::wait_for_memory() {
  ++shared_.stats.memory_waits;
  waits_for_memory_ = true;
  auto& waiters = shared_.memory_waiters;
  memory_turn_ ? waiters.push_front(this) : waiters.push_back(this);
}

bool Session::try_memory_again() {
  const auto keep = shared_from_this();
  waits_for_memory_ = false;
  memory_turn_ = true;
  advance();
  memory_turn_ = false;
  return !waits_for_memory_;
}

/// Between reads, what was not cut lives in a buffer of our own: the shared one belongs to the next reader.
void Session::keep_rest() {
  if (closing_ || ending_ || closed_) input_ = {};
  const bool kept = !input_.empty() && !rest_.empty() && input_.data() >= rest_.data() &&
                    input_.data() < rest_.data() + rest_.size();
  if (kept) return;
  shared_.rest_bytes -= rest_.size();
  rest_ = Bytes(input_.begin(), input_.end());
  shared_.rest_bytes += rest_.size();
  input_ = rest_;
}

/// A peer owes us the rest of a frame that it began, unless it is we who do not read.
void Session::watch_stall() {
  const bool owed = (length_have_ > 0 || frame_) && !waits_for_memory_ && !ending_ && !closing_;
  if (!owed) return shared_.stalled.remove(stall_place_);
  // Its memory is granted already: nobody may trickle while others wait for some.
  const Duration allowed = shared_.memory_waiters.empty() ? shared_.options.idle : shared_.options.stall;
  if (shared_.loop.now() - frame_began_ >= allowed) return stalled_too_long();
  shared_.stalled.touch(stall_place_, this);
}

bool Session::may_read() const {
  return !ending_ && !closing_ && !closed_ && !whole_ && !waits_for_memory_ && input_.empty() &&
         slots_.size() < static_cast<std::size_t>(shared_.options.requests_in_flight_max) &&
         connection_->backlog() <= static_cast<std::size_t>(shared_.options.response_backlog_bytes_max);
}

// --- requests and answers
// -------------------------------------------------------------------------------------------

/// broker::Overlap says which requests may run side by side.
bool Session::may_start(ByteView frame) const {
  if (slots_.size() >= static_cast<std::size_t>(shared_.options.requests_in_flight_max)) return false;
  if (connection_->backlog() > static_cast<std::size_t>(shared_.options.response_backlog_bytes_max))
    return false;
  if (slots_.empty()) return true;
  if (shared_.handler.overlap(frame) != broker::Overlap::Starts) return false;
  return std::ranges::none_of(slots_,
                              [](const Slot& slot) { return slot.overlap == broker::Overlap::Never; });
}

void Session::begin(SharedBytes frame) {
  ++shared_.stats.requests;
  const std::uint64_t number = first_slot_ + slots_.size();
  slots_.push_back(
      {.state = Slot::State::Waiting, .overlap = shared_.handler.overlap(frame.view()), .response = {}});
  shared_.handler.handle({std::move(frame), id_, listener_}, {weak_from_this(), number});
}

void Session::answered(std::uint64_t slot, Chain response) {
  if (closed_ || closing_ || slot < first_slot_ || slot - first_slot_ >= slots_.size()) return;
  Slot& place = slots_[slot - first_slot_];
  CHECK(place.state == Slot::State::Waiting);
  place.state = Slot::State::Ready;
  place.response = std::move(response);
#ifdef LEDGE_SABOTAGE
  constexpr std::uint64_t kEvery = 100;
  if (shared_.options.sabotage == Sabotage::AnswersOutOfOrder && !place.response.empty())
    connection_->send(std::exchange(place.response, {}));
  if (shared_.options.sabotage == Sabotage::LostAnswer && shared_.stats.answers % kEvery == kEvery - 1)
    place.response = {};
#endif
  advance();
}

void Session::refused(std::uint64_t slot, std::string_view why, const std::string& detail) {
  if (closed_ || closing_) return;
  if (!ending_) ++shared_.stats.closed_refused;
  if (why == broker::Reply::kDropped) ++shared_.stats.replies_dropped;
  if (slot >= first_slot_ && slot - first_slot_ < slots_.size()) {
    slots_.resize(slot - first_slot_);  // what came after it is not answered any more
  }
  end_with(why, detail);
  advance();
}

/// Nothing more is read; the connection closes when the answers before this have left.
void Session::end_with(std::string_view why, const std::string& detail) {
  if (std::exchange(ending_, true)) return;  // it has its line
  LOG_WARN("connection closed",
           {{"why", why}, {"detail", detail}, {"peer", peer_.text()}, {"listener", listener_->name}});
  slots_.push_back({.state = Slot::State::Close, .overlap = broker::Overlap::Never, .response = {}});
}

void Session::send_ready() {
  std::size_t sent = 0;
  while (sent < slots_.size() && slots_[sent].state == Slot::State::Ready) {
    Chain response = std::move(slots_[sent].response);
    ++sent;
    ++shared_.stats.answers;
    shared_.stats.bytes_out += response.size();
    if (!response.empty()) connection_->send(std::move(response));
  }
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(sent));
  first_slot_ += sent;
  const bool last = !slots_.empty() && slots_.front().state == Slot::State::Close;
  if (last || (ending_ && slots_.empty())) {
    closing_ = true;
    slots_.clear();
    connection_->close_after_send();
  }
}

// --- the end
// --------------------------------------------------------------------------------------------------------

void Session::stop() {
  ending_ = true;
  advance();
}

void Session::on_drained() {
  if (closed_) return;
  shared_.idle.touch(idle_place_, this);
  advance();
}

void Session::on_closed(const Error& why) {
  LOG_DEBUG("connection ended", {{"why", why.text()}, {"peer", peer_.text()}});
  close_now();
}

void Session::idle_too_long() {
  const std::size_t backlog = connection_->backlog();
  const bool peer_takes = backlog > 0 && backlog != backlog_seen_;
  const bool we_owe = backlog == 0 && !slots_.empty() && !closing_;
  backlog_seen_ = backlog;
  if (peer_takes || we_owe) return shared_.idle.touch(idle_place_, this);
  ++shared_.stats.closed_idle;
  LOG_INFO("connection closed",
           {{"why", "idle for longer than connections.max.idle.ms"},
            {"detail", waits_for_memory_            ? "waited for request memory"
                       : length_have_ > 0 || frame_ ? "a request was begun and not finished"
                                                    : ""},
            {"peer", peer_.text()},
            {"listener", listener_->name}});
  close_now();
}

void Session::stalled_too_long() {
  shared_.stalled.remove(stall_place_);
  ++shared_.stats.closed_stalled;
  LOG_WARN("connection closed", {{"why", "a request was begun and not finished"},
                                 {"detail", ""},
                                 {"peer", peer_.text()},
                                 {"listener", listener_->name}});
  close_now();
}

void Session::close_now() {
  if (std::exchange(closed_, true)) return;
  shared_.idle.remove(idle_place_);
  shared_.stalled.remove(stall_place_);
  if (std::exchange(waits_for_memory_, false)) std::erase(shared_.memory_waiters, this);
  frame_.reset();
  whole_.reset();
  if (!working_) keep_rest();
  shared_.handler.disconnected(id_);
  shared_.gone(*this);
}

}  // namespace ledge::server
