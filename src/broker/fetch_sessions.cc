// SPDX-License-Identifier: Apache-2.0
#include "broker/fetch_sessions.h"

#include <utility>

#include "base/check.h"

namespace ledge::broker {

std::vector<FetchTarget> FetchSession::targets() const {
  std::vector<FetchTarget> out;
  out.reserve(order_.size());
  for (const Cached& cached : order_) out.push_back(cached.target);
  return out;
}

bool FetchSession::tell(const FetchKey& key, const FetchTold& told) {
  const auto place = places_.find(key);
  if (place == places_.end()) return true;  // forgotten meanwhile; who asked is answered
  Cached& cached = *place->second;
  const bool failed = told.error != ErrorCode::None;
  const bool must = failed || told.has_records || told.diverging ||
                    cached.high_watermark != told.high_watermark || cached.log_start != told.log_start;
  cached.high_watermark = failed ? -1 : told.high_watermark;  // so that the end of an error is told
  cached.log_start = told.log_start;
  if (told.has_records) order_.splice(order_.end(), order_, place->second);
  return must;
}

void FetchSession::want(FetchTarget target) {
  if (const auto place = places_.find(target.key); place != places_.end()) {
    place->second->target = std::move(target);
    return;
  }
  order_.push_back({.target = std::move(target)});
  places_.emplace(order_.back().target.key, std::prev(order_.end()));
}

void FetchSession::forget(const FetchKey& key) {
  const auto place = places_.find(key);
  if (place == places_.end()) return;
  order_.erase(place->second);
  places_.erase(place);
}

FetchContext FetchSessions::begin(FetchSessionRequest request, Instant now) {
  using Kind = FetchContext::Kind;
  if (request.epoch == kOpeningEpoch || request.epoch == kFinalEpoch) {
    if (request.session_id != kNoSession)
      remove(request.session_id);  // a full fetch ends the session that it names
    const Kind kind = request.epoch == kOpeningEpoch ? Kind::Opening : Kind::Sessionless;
    return {
        .kind = kind, .error = ErrorCode::None, .session = nullptr, .targets = std::move(request.targets)};
  }
  const auto refuse = [](ErrorCode error) {
    return FetchContext{.kind = Kind::Refused, .error = error, .session = nullptr, .targets = {}};
  };
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return refuse(ErrorCode::FetchSessionIdNotFound);
  const std::shared_ptr<FetchSession> session = *found->second;
  if (session->epoch_ != request.epoch) return refuse(ErrorCode::InvalidFetchSessionEpoch);
  if (session->by_id_ != request.by_id) return refuse(ErrorCode::FetchSessionTopicIdError);

  const std::size_t before = session->size();
  for (FetchTarget& target : request.targets) session->want(std::move(target));
  for (const FetchKey& key : request.forgotten) session->forget(key);
  partitions_ = partitions_ - before + session->size();
  if (session->size() == 0) {
    remove(session->id());
    return {.kind = Kind::Sessionless, .error = ErrorCode::None, .session = nullptr, .targets = {}};
  }
  session->epoch_ = session->epoch_ == INT32_MAX ? 1 : session->epoch_ + 1;
  session->used_ = now;
  order_.splice(order_.end(), order_, found->second);  // so that it is not what makes room for itself
  if (partitions_ > partitions_max_ && !make_room(0, 0, now)) {
    remove(session->id());
    return refuse(ErrorCode::FetchSessionIdNotFound);  // the client goes on with full fetches
  }
  return {
      .kind = Kind::Incremental, .error = ErrorCode::None, .session = session, .targets = session->targets()};
}

std::int32_t FetchSessions::open(const std::vector<FetchTarget>& targets, const std::vector<FetchTold>& told,
                                 bool by_id, std::uint64_t random, Instant now) {
  CHECK(targets.size() == told.size());
  if (!make_room(1, targets.size(), now)) return kNoSession;
  std::int32_t id = static_cast<std::int32_t>(random & INT32_MAX);
  while (id == kNoSession || sessions_.contains(id)) id = (id + 1) & INT32_MAX;
  auto session = std::make_shared<FetchSession>(id, by_id);
  session->used_ = now;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    session->want(targets[i]);
    session->tell(targets[i].key, told[i]);
  }
  partitions_ += session->size();
  order_.push_back(std::move(session));
  sessions_.emplace(id, std::prev(order_.end()));
  return id;
}

void FetchSessions::remove(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  partitions_ -= (*found->second)->size();
  order_.erase(found->second);
  sessions_.erase(found);
}

/// Sessions that were used within the idle time stay: dropping them would only make their clients start
/// again.
bool FetchSessions::make_room(std::size_t sessions, std::size_t partitions, Instant now) {
  const Duration idle = std::chrono::milliseconds(limits::fetch_session_idle_ms);
  while (sessions_.size() + sessions > sessions_max_ || partitions_ + partitions > partitions_max_) {
    if (order_.empty() || now - order_.front()->used_ < idle) return false;
    remove(order_.front()->id());
    ++evicted_;
  }
  return true;
}

}  // namespace ledge::broker
