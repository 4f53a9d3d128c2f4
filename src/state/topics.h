// SPDX-License-Identifier: Apache-2.0
// Topics and their configurations: a decide/apply machine. decide_* looks at a request and returns records
// and an answer; apply() is the only thing that changes state, at run time and at recovery alike.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "state/topic_config.h"

namespace ledge::state {

/// What the broker's options say for topics that do not say it themselves.
struct TopicDefaults {
  std::int32_t partitions = 1;          // num.partitions
  std::int16_t replication_factor = 1;  // default.replication.factor
  bool auto_create = true;              // auto.create.topics.enable
  /// true: a replication factor above the number of nodes is lowered to it instead of refused (Connect, MM2
  /// ask for 3).
  bool clamp_replication_factor = true;
  TopicConfig config;  // log.retention.ms, message.max.bytes, ... as topic values
};

/// A request to create a topic, as CreateTopics and auto-creation make it.
struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;          // -1: default
  std::int16_t replication_factor = -1;  // -1: default
  bool has_assignments = false;
  std::map<std::int32_t, std::vector<std::int32_t>> assignments;  // partition -> broker ids
  std::vector<std::pair<std::string, std::optional<std::string>>> configs;
};

/// A request for more partitions, as CreatePartitions makes it.
struct MorePartitions {
  std::string topic;
  std::int32_t count = 0;  // in all
  /// The brokers of each new partition; nullopt: the server's choice.
  std::optional<std::vector<std::vector<std::int32_t>>> assignments;
};

/// A request to change a topic's overrides, as IncrementalAlterConfigs and AlterConfigs make it.
struct ConfigChange {
  std::string topic;
  bool from_nothing = false;  // the steps start from the defaults: what they do not name goes back to them
  std::vector<ConfigStep> steps;
};

/// A topic as it is; valid until the next change.
struct TopicView {
  std::string name;
  Uuid id;
  bool internal = false;
  std::int32_t partitions = 0;
  std::int16_t replication_factor = 1;
  /// Overrides only, by name.
  std::map<std::string, std::string> overrides;
  /// Overrides over defaults.
  TopicConfig config;
  /// Journal streams and log incarnations, by partition.
  std::vector<std::uint64_t> streams;
  std::vector<Uuid> incarnations;
  /// The boot epoch in which it was created (leader epochs count from there).
  std::int32_t created_boot_epoch = 0;
};

class Topics {
 public:
  virtual ~Topics() = default;
  virtual const TopicView* find(std::string_view name) const = 0;
  virtual const TopicView* find(const Uuid& id) const = 0;
  /// Sorted by name.
  virtual std::vector<const TopicView*> all() const = 0;
  virtual const TopicDefaults& defaults() const = 0;

  /// Moves on whenever find() and all() may answer otherwise than before; counts from the start of the
  /// process.
  std::uint64_t version() const { return version_; }
  /// version() as it was when a topic last came into sight.
  std::uint64_t newest() const { return newest_; }

 protected:
  void changed(bool appeared) {
    ++version_;
    if (appeared) newest_ = version_;
  }

 private:
  std::uint64_t version_ = 0, newest_ = 0;
};

}  // namespace ledge::state
