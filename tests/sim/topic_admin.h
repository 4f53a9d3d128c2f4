// SPDX-License-Identifier: Apache-2.0
// Who creates, deletes and looks up the topics of a run. Answers get lost, so it asks until it knows.
#pragma once

#include <functional>

#include "sim_client.h"

namespace ledge::sim {

class TopicAdmin {
 public:
  explicit TopicAdmin(Scene& scene);

  void want(int partitions);
  void unwant(std::size_t topic);
  /// Everything that was wanted is known to be so.
  bool done() const;
  SimClient& client() { return client_; }

 private:
  void act();
  void create(std::size_t topic);
  void remove(std::size_t topic);
  void look();
  void looked(const std::vector<Scene::Topic>& before, std::size_t i, ErrorCode code, const Uuid& id,
              std::size_t partitions);

  Scene& scene_;
  bool busy_ = false;
  std::string cluster_id_;
  SimClient client_;
};

}  // namespace ledge::sim
