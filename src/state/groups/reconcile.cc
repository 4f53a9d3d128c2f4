// SPDX-License-Identifier: Apache-2.0
#include "state/groups/reconcile.h"

namespace ledge::state {
namespace {

bool still_holds(const std::optional<Assignment>& holds, const Assignment& revoking) {
  return !holds || !disjoint(*holds, revoking);
}

Assignment of_topics(const Assignment& all, const std::set<Uuid>& topics) {
  Assignment out;
  for (const auto& [topic, partitions] : all)
    if (topics.contains(topic)) out.emplace_hint(out.end(), topic, partitions);
  return out;
}

/// Takes out only what the member no longer reads; the targets are as they were.
CurrentAssignment drop_unsubscribed(const CurrentAssignment& now, const Reconciliation& towards) {
  CurrentAssignment next = now;
  next.assigned = of_topics(now.assigned, towards.subscribed);
  if (next.assigned == now.assigned) return now;
  Assignment revoking = merged(now.revoking, difference(now.assigned, next.assigned));
  if (!revoking.empty() && still_holds(towards.holds, revoking)) {
    next.state = MemberState::Unrevoked;
    next.revoking = std::move(revoking);
  }
  return next;
}

CurrentAssignment step(const CurrentAssignment& now, const Reconciliation& towards) {
  const Assignment target = of_topics(towards.target, towards.subscribed);
  const Assignment kept = intersection(now.assigned, target);
  Assignment revoking = difference(now.assigned, kept);
  Assignment wanted, free;
  bool unreleased = false;
  wanted = difference(target, kept);
  for (const auto& [topic, partitions] : wanted) {
    for (const std::int32_t partition : partitions) {
      // What this member has to give back itself is nobody else's.
      if (towards.owned_by_somebody(topic, partition) && !contains(now.revoking, topic, partition))
        unreleased = true;
      else
        free[topic].push_back(partition);
    }
  }
  CurrentAssignment next;
  next.previous_epoch = now.epoch;
  if (!revoking.empty() && still_holds(towards.holds, revoking)) {
    next.epoch = now.epoch;
    next.state = MemberState::Unrevoked;
    next.assigned = kept;
    next.revoking = std::move(revoking);
    return next;
  }
  next.epoch = towards.target_epoch;
  next.state = unreleased ? MemberState::Unreleased : MemberState::Stable;
  next.assigned = merged(kept, free);
  return next;
}

}  // namespace

CurrentAssignment reconcile(const CurrentAssignment& now, const Reconciliation& towards) {
  switch (now.state) {
    case MemberState::Stable:
      if (now.epoch != towards.target_epoch) return step(now, towards);
      return towards.subscription_changed ? drop_unsubscribed(now, towards) : now;
    case MemberState::Unrevoked:
      if (still_holds(towards.holds, now.revoking))
        return towards.subscription_changed ? drop_unsubscribed(now, towards) : now;
      return step(now, towards);
    case MemberState::Unreleased: return step(now, towards);
  }
  return now;
}

}  // namespace ledge::state
