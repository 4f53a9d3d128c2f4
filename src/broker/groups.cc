// SPDX-License-Identifier: Apache-2.0
#include "broker/groups.h"

#include <algorithm>

#include "base/log.h"
#include "state/groups/subscription.h"

namespace ledge::broker {
namespace {

/// A timer that fires this much later than it was set for tells that the process was stopped or the box
/// asleep; members could not have sent their heartbeats either, so nobody is thrown out for it.
constexpr Duration kStall = 5s;
/// Offsets are looked through for expiry this often, and only while the machine has any.
constexpr Duration kExpiryInterval = std::chrono::minutes{10};

state::JoinAnswer refused_join(ErrorCode error) {
  state::JoinAnswer answer;
  answer.error = error;
  return answer;
}

}  // namespace

Groups::Groups(os::Env env, store::Store& store)
    : env_(env),
      store_(store),
      machine_(store.groups()),
      timer_(env.loop.timer()),
      last_turn_(env.loop.now()) {
  set_timer();
}

void Groups::join(const std::string& group, state::JoinRequest request, Joined done) {
  if (stopped_) return done(refused_join(ErrorCode::CoordinatorNotAvailable));
  request.ticket = ++last_ticket_;
  joins_.emplace(request.ticket, std::move(done));
  state::CoordinatorEffects effects;
  machine_.join(group, std::move(request), env_.loop.now(), env_.loop.wall_now(), effects);
  carry_out(std::move(effects));
}

void Groups::sync(const std::string& group, state::SyncRequest request, Synced done) {
  if (stopped_) {
    state::SyncAnswer answer;
    answer.error = ErrorCode::CoordinatorNotAvailable;
    return done(std::move(answer));
  }
  request.ticket = ++last_ticket_;
  syncs_.emplace(request.ticket, std::move(done));
  state::CoordinatorEffects effects;
  machine_.sync(group, std::move(request), env_.loop.now(), env_.loop.wall_now(), effects);
  carry_out(std::move(effects));
}

ErrorCode Groups::heartbeat(const std::string& group, const std::string& member,
                            const std::optional<std::string>& instance, std::int32_t generation) {
  if (stopped_) return ErrorCode::CoordinatorNotAvailable;
  return machine_.heartbeat(group, member, instance, generation, env_.loop.now());
}

void Groups::consumer_heartbeat(const std::string& group, state::ConsumerHeartbeat request,
                                Heartbeaten done) {
  constexpr auto kUnavailable = ErrorCode::CoordinatorNotAvailable;
  const auto unavailable = [] {
    return state::consumer_refused(kUnavailable, std::string{error_text(kUnavailable)});
  };
  if (stopped_) return done(unavailable());
  state::CoordinatorEffects effects;
  auto answer =
      machine_.consumer_heartbeat(group, std::move(request), env_.loop.now(), env_.loop.wall_now(), effects);
  auto give = [done = std::move(done), answer = std::move(answer), unavailable](bool written) mutable {
    done(written ? std::move(answer) : unavailable());
  };
  if (!effects.records.empty()) return carry_out(std::move(effects), std::move(give));
  carry_out(std::move(effects));
  after_writes(std::move(give));
}

void Groups::leave(const std::string& group, const std::vector<Member>& members,
                   std::move_only_function<void(Failed, std::vector<ErrorCode>)> done) {
  if (stopped_) return done(ErrorCode::CoordinatorNotAvailable, {});
  if (group.empty()) return done(ErrorCode::InvalidGroupId, {});
  state::CoordinatorEffects effects;
  std::vector<ErrorCode> errors;
  for (const Member& member : members)
    errors.push_back(
        machine_.leave(group, member.id, member.instance, env_.loop.now(), env_.loop.wall_now(), effects));
  carry_out(std::move(effects), [done = std::move(done), errors = std::move(errors)](bool written) mutable {
    done(written ? Failed{} : Failed{ErrorCode::CoordinatorNotAvailable}, std::move(errors));
  });
}

void Groups::commit(const state::CommitRequest& request,
                    std::move_only_function<void(std::vector<ErrorCode>)> done) {
  const std::size_t count = request.offsets.size();
  if (stopped_) return done(std::vector<ErrorCode>(count, ErrorCode::CoordinatorNotAvailable));
  state::CoordinatorEffects effects;
  auto errors = machine_.commit(request, env_.loop.now(), env_.loop.wall_now(), effects);
  carry_out(std::move(effects), std::move(errors), std::move(done));
}

void Groups::remove(const std::vector<std::string>& groups,
                    std::move_only_function<void(std::vector<ErrorCode>)> done) {
  state::CoordinatorEffects effects;
  std::vector<ErrorCode> errors;
  for (const std::string& group : groups)
    errors.push_back(stopped_ ? ErrorCode::CoordinatorNotAvailable : machine_.remove(group, effects));
  carry_out(std::move(effects), std::move(errors), std::move(done));
}

void Groups::remove_offsets(const std::string& group, const std::vector<TopicPartition>& offsets,
                            std::move_only_function<void(ErrorCode, std::vector<ErrorCode>)> done) {
  if (stopped_) return done(ErrorCode::CoordinatorNotAvailable, {});
  if (group.empty()) return done(ErrorCode::InvalidGroupId, {});
  const state::ClassicGroup* classic = machine_.find(group);
  const state::ConsumerGroup* consumer = machine_.find_consumer(group);
  if (!classic && !consumer) return done(ErrorCode::GroupIdNotFound, {});
  const bool live = classic && classic->state() != state::GroupState::Empty;
  // Who is no consumer could use any topic; of a consumer group the members' subscriptions tell.
  if (live && classic->protocol_type() != state::kConsumerProtocolType)
    return done(ErrorCode::NonEmptyGroup, {});
  const auto topics_read = live ? state::subscribed_topics(*classic) : std::set<std::string>{};
  state::CoordinatorEffects effects;
  std::vector<ErrorCode> errors;
  for (const TopicPartition& which : offsets)
    errors.push_back(topics_read.contains(which.topic) || (consumer && consumer->subscribes(which.topic))
                         ? ErrorCode::GroupSubscribedToTopic
                         : machine_.remove_offset(group, which.topic, which.partition, effects));
  carry_out(std::move(effects), [done = std::move(done), errors = std::move(errors)](bool written) mutable {
    done(written ? ErrorCode::None : ErrorCode::CoordinatorNotAvailable, std::move(errors));
  });
}

void Groups::topic_deleted(const std::string& topic) {
  state::CoordinatorEffects effects;
  machine_.topic_deleted(topic, effects);
  carry_out(std::move(effects));
}

// --- carrying out
// -----------------------------------------------------------------------------------------------------

void Groups::carry_out(state::CoordinatorEffects effects, Errors errors,
                       std::move_only_function<void(Errors)> done) {
  carry_out(std::move(effects), [done = std::move(done), errors = std::move(errors)](bool written) mutable {
    if (!written) std::ranges::replace(errors, ErrorCode::None, ErrorCode::CoordinatorNotAvailable);
    done(std::move(errors));
  });
}

void Groups::carry_out(state::CoordinatorEffects effects, Written then) {
  // What is answered at once may rest on what an earlier step has not written yet.
  if (!effects.answers.joins.empty() || !effects.answers.syncs.empty())
    after_writes([this, joins = std::move(effects.answers.joins), syncs = std::move(effects.answers.syncs)](
                     bool written) mutable { answer(std::move(joins), std::move(syncs), !written); });
  set_timer();
  auto& joins_later = effects.answers.joins_when_durable;
  auto& syncs_later = effects.answers.syncs_when_durable;
  if (effects.records.empty()) {
    if (!joins_later.empty() || !syncs_later.empty())
      after_writes([this, joins = std::move(joins_later), syncs = std::move(syncs_later)](
                       bool written) mutable { answer(std::move(joins), std::move(syncs), !written); });
    if (then) then(true);
    return;
  }
  const std::uint64_t write = ++appended_;
  store_.append_group_records(
      std::move(effects.records),
      [this, write, then = std::move(then), consumers = std::move(effects.consumer_groups),
       classics = std::move(effects.classic_groups), joins = std::move(joins_later),
       syncs = std::move(syncs_later)](const Error& error) mutable {
        const bool failed = error.code != ErrorCode::None;
        if (failed) {
          LOG_ERROR("group records could not be written", {{"error", error.text()}});
          state::CoordinatorEffects undone;
          machine_.not_written(consumers, classics, env_.loop.now(), env_.loop.wall_now(), undone);
          if (!stopped_) carry_out(std::move(undone));
        }
        answer(std::move(joins), std::move(syncs), failed);
        if (then) then(!failed);
        wrote(write, !failed);
      });
}

void Groups::after_writes(Written then) {
  if (durable_ == appended_) return then(true);
  after_writes_.emplace(appended_, std::move(then));
}

void Groups::wrote(std::uint64_t write, bool written) {
  durable_ = write;
  const auto end = after_writes_.upper_bound(write);
  std::vector<Written> ready;
  for (auto it = after_writes_.begin(); it != end; ++it) ready.push_back(std::move(it->second));
  after_writes_.erase(after_writes_.begin(), end);
  for (Written& each : ready) each(written);
}

void Groups::answer(std::vector<std::pair<state::Ticket, state::JoinAnswer>> joins,
                    std::vector<std::pair<state::Ticket, state::SyncAnswer>> syncs, bool failed) {
  for (auto& [ticket, join] : joins) {
    auto node = joins_.extract(ticket);
    if (node.empty()) continue;  // stop() answered it
    if (failed) join.error = ErrorCode::CoordinatorNotAvailable;
    node.mapped()(std::move(join));
  }
  for (auto& [ticket, sync] : syncs) {
    auto node = syncs_.extract(ticket);
    if (node.empty()) continue;
    if (failed) sync.error = ErrorCode::CoordinatorNotAvailable;
    node.mapped()(std::move(sync));
  }
}

void Groups::set_timer() {
  if (stopped_) return;
  std::optional<Instant> wanted = machine_.deadline();
  if (machine_.offset_count() > 0) {
    const Instant look = last_turn_ + kExpiryInterval;
    wanted = wanted ? std::min(*wanted, look) : look;
  }
  // Heartbeats push deadlines on; the timer is left where it is then, and looks again when it fires.
  if (!wanted || (timer_at_ && *timer_at_ <= *wanted)) return;
  timer_at_ = wanted;
  timer_->set(*wanted, [this] { on_timer(); });
}

void Groups::on_timer() {
  const Instant now = env_.loop.now();
  const Instant due = *std::exchange(timer_at_, std::nullopt);
  if (now - due > kStall) {
    LOG_WARN("the process stood still; group sessions are extended",
             {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - due).count()}});
    machine_.extend_sessions(now);
  }
  state::CoordinatorEffects effects;
  machine_.advance(now, env_.loop.wall_now(), effects);
  if (now >= last_turn_ + kExpiryInterval) {
    last_turn_ = now;
    machine_.expire_offsets(env_.loop.wall_now(), effects);
  }
  carry_out(std::move(effects));
}

void Groups::stop() {
  stopped_ = true;
  timer_->cancel();
  for (auto& [ticket, done] : std::exchange(joins_, {}))
    done(refused_join(ErrorCode::CoordinatorNotAvailable));
  for (auto& [ticket, done] : std::exchange(syncs_, {})) {
    state::SyncAnswer answer;
    answer.error = ErrorCode::CoordinatorNotAvailable;
    done(std::move(answer));
  }
}

}  // namespace ledge::broker
