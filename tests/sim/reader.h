// SPDX-License-Identifier: Apache-2.0
// A consumer without a group: reads all partitions of a topic from their start with an incremental fetch
// session and long polls, and expects every record, in order, without a gap.
#pragma once

#include <map>
#include <vector>

#include "sim_client.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/02_list_offsets.h"

namespace ledge::sim {

/// Whole records of a fetched piece, checked against what was sent: the last batch may be cut short, the
/// first may begin before the offset that was asked for.
class BatchesRead {
 public:
  BatchesRead(Oracle& oracle, const std::string& log) : oracle_(oracle), log_(log) {}
  /// Appends to `out` what is there from `*next` on and moves `*next` behind it.
  void take(ByteView bytes, std::int64_t* next, std::vector<Oracle::ReadRecord>* out);

 private:
  void take_batch(ByteView batch, std::int64_t* next, std::vector<Oracle::ReadRecord>* out);
  Oracle& oracle_;
  const std::string& log_;
};

class Reader {
 public:
  Reader(Scene& scene, int number, std::size_t topic);

  /// Everything below this partition's high watermark was read, as of an answer of the last `fresh` time.
  bool at_the_end(Duration fresh) const;
  std::string status() const;
  /// Judges all that was read since the log's start as a whole.
  void check_whole_logs();
  SimClient& client() { return client_; }
  std::size_t topic() const { return topic_; }

 private:
  struct Partition {
    std::int64_t next = 0;
    std::int64_t high_watermark = -1;
    Instant seen{};
    std::vector<Oracle::ReadRecord> records = {};
    std::int64_t session_next = -1;  // the offset that the session holds; -1: not in it
  };

  void act();
  kafka::FetchRequest next_request();
  void answered(const Result<kafka::FetchResponse>& response, bool by_id);
  void take(std::int32_t index, const kafka::FetchResponse::PartitionData& data);
  void forget_session();
  void list_offsets();
  void listed(const Result<kafka::ListOffsetsResponse>& response, std::int64_t at_least, std::int32_t index,
              std::int64_t time);
  Scene::Topic& topic_ref() { return scene_.topics[topic_]; }
  std::string log(std::int32_t index) { return partition_name(topic_ref().id, index); }

  Scene& scene_;
  const std::size_t topic_;
  std::map<std::int32_t, Partition> partitions_;
  bool busy_ = false;
  bool by_id_ = true;  // a session stays with names or ids
  std::int32_t session_id_ = 0, session_epoch_ = 0;
  SimClient client_;
};

}  // namespace ledge::sim
