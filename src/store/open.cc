// SPDX-License-Identifier: Apache-2.0
#include "store/box_store.h"

namespace ledge::store {

Result<std::unique_ptr<Store>> Store::open(os::Env env, os::Directory& directory, const Options& options,
                                           journal::RecoveryReport* report) {
  return BoxStore::open(env, options, [&](std::span<journal::Participant* const> participants) {
    return journal::Journal::open(env, directory, options.journal, participants, report);
  });
}

}  // namespace ledge::store
