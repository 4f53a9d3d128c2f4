// SPDX-License-Identifier: Apache-2.0
#include "broker/call.h"

#include <algorithm>

#include "base/check.h"

namespace ledge::broker {

Call::Call(Services& services, std::size_t row, kafka::RequestHeader header, Request request, Reply reply)
    : services_(&services),
      row_(row),
      header_(std::move(header)),
      request_(std::move(request)),
      reply_(std::move(reply)),
      began_(services.env.loop.now()) {}

std::int16_t Call::code(ErrorCode error) {
  const std::int16_t code = wire_code(error);
  ++services_->stats.errors[code];
  return code;
}

Bytes Call::front() const {
  ByteWriter out;
  out.be(std::int32_t{0});
  kafka::encode_response_header(out, header_.correlation_id, header_.api_key, header_.api_version);
  return out.take();
}

void Call::send_encoded(Chain response) {
  if (!reply_.open()) return;
  constexpr std::size_t kLengthBytes = 4;
  const auto* first = std::get_if<SharedBytes>(&response.pieces().front());
  CHECK(first != nullptr && first->size() >= kLengthBytes);
  store_be(first->mutable_view().data(), static_cast<std::int32_t>(response.size() - kLengthBytes));
  count_time();
  reply_.send(std::move(response));
}

void Call::send_nothing() {
  count_time();
  reply_.send({});
}

void Call::count_time() {
  ApiStats& stats = services_->stats.apis[row_];
  const double seconds = std::chrono::duration<double>(services_->env.loop.now() - began_).count();
  stats.seconds_count += 1;
  stats.seconds_sum += seconds;
  const auto bucket =
      std::ranges::lower_bound(kRequestSecondsBounds, seconds) - kRequestSecondsBounds.begin();
  stats.seconds_buckets[static_cast<std::size_t>(bucket)] += 1;
}

void ParkedCalls::add(std::shared_ptr<ParkedCall> call) {
  const ConnectionId connection = call->connection();
  calls_.emplace(connection, std::move(call));
}

void ParkedCalls::remove(const ParkedCall* call) {
  auto [from, to] = calls_.equal_range(call->connection());
  for (auto it = from; it != to; ++it) {
    if (it->second.get() != call) continue;
    const auto keep = std::move(it->second);  // it may be the last owner, and `call` is in use by our caller
    calls_.erase(it);
    return;
  }
}

void ParkedCalls::drop_connection(ConnectionId connection) {
  for (auto it = calls_.find(connection); it != calls_.end(); it = calls_.find(connection)) {
    const auto call = std::move(it->second);
    calls_.erase(it);
    call->drop();
  }
}

void ParkedCalls::drop_all() {
  while (!calls_.empty()) drop_connection(calls_.begin()->first);
}

void ParkedCalls::finish_all() {
  while (!calls_.empty()) {
    const auto call = std::move(calls_.begin()->second);
    calls_.erase(calls_.begin());
    call->finish();
  }
}

}  // namespace ledge::broker
