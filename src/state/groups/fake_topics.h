// SPDX-License-Identifier: Apache-2.0
// Topics for the tests of the group machines.
#pragma once

#include "state/topics.h"

namespace ledge::state::testing {

class FakeTopics final : public Topics {
 public:
  const TopicView& put(const std::string& name, std::int32_t partitions) {
    auto [at, is_new] = topics_.try_emplace(name);
    if (is_new) {
      at->second.name = name;
      at->second.id.bytes[15] = static_cast<std::uint8_t>(++ids_);
      at->second.id.bytes[0] = 1;
    }
    at->second.partitions = partitions;
    changed(is_new);
    return at->second;
  }
  void remove(const std::string& name) {
    topics_.erase(name);
    changed(false);
  }
  const TopicView* find(std::string_view name) const override {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : &found->second;
  }
  const TopicView* find(const Uuid& id) const override {
    for (const auto& [name, topic] : topics_)
      if (topic.id == id) return &topic;
    return nullptr;
  }
  std::vector<const TopicView*> all() const override {
    std::vector<const TopicView*> out;
    for (const auto& [name, topic] : topics_) out.push_back(&topic);
    return out;
  }
  const TopicDefaults& defaults() const override { return defaults_; }

 private:
  std::map<std::string, TopicView, std::less<>> topics_;
  TopicDefaults defaults_;
  int ids_ = 0;
};

}  // namespace ledge::state::testing
