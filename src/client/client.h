// SPDX-License-Identifier: Apache-2.0
// A client of a Kafka cluster (Ledge, Apache Kafka, or another one that speaks the protocol). Everything is
// asynchronous on the loop thread: a call returns at once and answers through its callback, exactly once,
// never from inside the call. What can be tried again is tried again, with growing pauses, until the
// operation's time is over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "os/system.h"

namespace ledge::client {

struct Options {
  std::vector<os::Endpoint> bootstrap;
  std::string client_id = "ledge";
  std::string software_version = "0";  // what ApiVersions tells the server
  Duration connect_timeout = 10s;
  Duration request_timeout = 30s;    // for one attempt
  Duration operation_timeout = 60s;  // for all attempts together
  Duration retry_pause = 100ms;      // doubles from attempt to attempt, with jitter
  Duration retry_pause_max = 1s;
  Duration reconnect_pause = 50ms;  // doubles from failure to failure, with jitter
  Duration reconnect_pause_max = 10s;
  std::int64_t response_bytes_max = limits::client_response_bytes_max;
};

struct Partition {
  std::int32_t index = 0;
  ErrorCode error = ErrorCode::None;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> in_sync;
};
struct Topic {
  std::string name;
  Uuid id;  // zero when the server knows no ids
  ErrorCode error = ErrorCode::None;
  bool internal = false;
  std::vector<Partition> partitions;  // by index
};
struct Broker {
  std::int32_t id = -1;
  os::Endpoint at;
  std::string rack;
};
struct Cluster {
  std::string id;
  std::int32_t controller = -1;
  std::vector<Broker> brokers;
  std::vector<Topic> topics;  // by name
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;  // -1: the server's default
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs;
  bool validate_only = false;
};
/// A change of one setting; nullopt: back to its default.
struct TopicConfigChange {
  std::string name;
  std::optional<std::string> value;
};
struct TopicConfigEntry {
  std::string name;
  std::optional<std::string> value;  // absent when it is a secret
  bool is_default = false;
};

struct ListedOffset {
  std::int64_t offset = -1;  // -1: no record that late
  std::int64_t timestamp = -1;
};

struct ProducerIdentity {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
};

struct ProduceTo {
  std::string topic;
  std::int32_t partition = 0;
  std::int16_t acks = -1;
};
struct Produced {
  std::int64_t base_offset = -1;      // -1 with acks=0
  std::int64_t log_append_time = -1;  // when the topic stamps its records
};

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};
struct ListedGroup {
  std::string id;
  std::string protocol_type;  // "consumer", "connect", ...; empty: nobody was ever a member
  std::string state;          // empty when the server is too old to say
  std::string type;           // "classic", "consumer", ...; empty when the server is too old to say
};
struct GroupMember {
  std::string id;
  std::optional<std::string> instance = {};
  std::string client_id;
  std::string host;
  std::vector<TopicPartition> assigned = {};  // empty when the group's protocol is not that of consumers
};
struct GroupDescription {
  std::string id;
  std::string type;      // "classic" or "consumer" (KIP-848)
  std::string state;     // as the server calls it; "Dead": there is none
  std::string protocol;  // of the assignment: the protocol's name, or the assignor's
  std::vector<GroupMember> members = {};
};
struct GroupOffset {
  TopicPartition of;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata = {};
};

struct FetchFrom {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Duration wait_max = 500ms;  // how long the server waits for bytes_min
  std::int32_t bytes_min = 1;
  std::int32_t bytes_max = 1 << 20;  // a single larger batch comes whole nevertheless
  bool read_committed = false;
};
struct Fetched {
  /// Whole batches, one behind the other; the last one may be cut short, the first may begin before the
  /// offset that was asked for.
  SharedBytes batches;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start_offset = -1;
  std::vector<std::pair<std::int64_t, std::int64_t>> aborted;  // producer id, first offset
};

class Core;

template <typename T> using Done = std::move_only_function<void(Result<T>)>;

/// Destroying it closes its connections and drops what is under way without an answer; not from inside a
/// callback of its own.
class Client {
 public:
  Client(os::Loop& loop, os::Net& net, os::Random& random, Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The cluster with all topics, or with the named ones; errors of single topics stand in them. `create`
  /// lets the server create those that are missing, if it is set up to.
  void cluster(std::optional<std::vector<std::string>> topics, bool create, Done<Cluster> done);
  /// One topic, which exists; UnknownTopicOrPartition at once when it does not.
  void topic(std::string name, bool create, Done<Topic> done);

  void create_topic(NewTopic topic, Done<Uuid> done);
  void delete_topic(std::string name, Done<void> done);
  /// `count`: in all, more than there are.
  void create_partitions(std::string topic, std::int32_t count, bool validate_only, Done<void> done);
  /// All of them or none.
  void change_topic_configs(std::string topic, std::vector<TopicConfigChange> changes, bool validate_only,
                            Done<void> done);
  void topic_configs(std::string topic, Done<std::vector<TopicConfigEntry>> done);

  /// The first offset whose record is at or after a time (milliseconds), or kEarliest, kLatest.
  static constexpr std::int64_t kLatest = -1;
  static constexpr std::int64_t kEarliest = -2;
  void list_offset(std::string topic, std::int32_t partition, std::int64_t time, bool read_committed,
                   Done<ListedOffset> done);

  /// The groups of every broker, by id.
  void list_groups(Done<std::vector<ListedGroup>> done);
  /// Classic groups and consumer groups (KIP-848); of other kinds, and of none: GroupIdNotFound.
  void describe_group(std::string group, Done<GroupDescription> done);
  /// All that a group has committed, by topic and partition; nothing when there is no such group.
  void group_offsets(std::string group, Done<std::vector<GroupOffset>> done);
  /// Commits for a group without members, which is made if it does not exist; UnknownMemberId when it has
  /// members. The first error of a partition, if there is one: the others may be committed.
  void commit_group_offsets(std::string group, std::vector<GroupOffset> offsets, Done<void> done);
  /// A group without members, with all its offsets. NonEmptyGroup, GroupIdNotFound.
  void delete_group(std::string group, Done<void> done);

  void init_producer_id(Done<ProducerIdentity> done);
  /// One batch (wire/kafka/record_batch.h). A batch with a producer id and a sequence is stored once however
  /// often it had to be sent; without them an attempt whose answer was lost may leave it twice. Batches of
  /// one partition keep their order only when the next is given after the one before was answered.
  void produce(ProduceTo to, SharedBytes batch, Done<Produced> done);
  /// Waits at the server for new records. What is beyond the partition's end or before its start:
  /// OffsetOutOfRange.
  void fetch(FetchFrom from, Done<Fetched> done);

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace ledge::client
