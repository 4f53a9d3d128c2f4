// SPDX-License-Identifier: Apache-2.0
// One member's way from what it has to what it shall have (KIP-848): first it gives back, then it gets, and a
// partition is given to nobody before its former owner has let go of it. A pure function.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include "state/groups/assignment.h"

namespace ledge::state {

enum class MemberState : std::int8_t {
  Stable = 0,      // has its target, or does not know yet that there is a newer one
  Unrevoked = 1,   // has been told to give partitions back and has not said that it did
  Unreleased = 2,  // waits for partitions that others have to give back
};

/// What a member has, as its record says.
struct CurrentAssignment {
  std::int32_t epoch = 0, previous_epoch = -1;
  MemberState state = MemberState::Stable;
  Assignment assigned;
  Assignment revoking;  // still owned by the member until it says that it gave them back
  bool operator==(const CurrentAssignment&) const = default;
};

struct Reconciliation {
  std::int32_t target_epoch = 0;
  const Assignment& target;
  const std::set<Uuid>& subscribed;  // topics that exist and that the member reads
  bool subscription_changed = false;
  /// Whether some member, this one included, owns the partition.
  const std::function<bool(const Uuid&, std::int32_t)>& owned_by_somebody;
  /// What the member says it holds; nullopt: nothing new, so as far as known it still holds all.
  const std::optional<Assignment>& holds;
};

/// The next step, or `now` unchanged when there is none.
CurrentAssignment reconcile(const CurrentAssignment& now, const Reconciliation& towards);

}  // namespace ledge::state
