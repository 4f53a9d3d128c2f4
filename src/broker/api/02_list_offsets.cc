// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/02_list_offsets.h"

#include <map>

#include "broker/api/table.h"
#include "broker/leader_epoch.h"

namespace ledge::broker {
namespace {

using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;
using PartitionResponse = ListOffsetsResponse::ListOffsetsPartitionResponse;

/// Timestamps that are questions of their own, and the version that first knows each.
struct Special {
  enum Kind : std::int64_t {
    Latest = -1,
    Earliest = -2,
    MaxTimestamp = -3,          // KIP-734
    EarliestLocal = -4,         // KIP-405; no tiers here: the same as Earliest
    LatestTiered = -5,          // KIP-1005; nothing is tiered
    EarliestPendingUpload = -6  // KIP-1023; nothing is to be uploaded
  };
  std::int64_t timestamp;
  std::int16_t since;
};
constexpr Special kSpecials[] = {
    {Special::Latest, 1},        {Special::Earliest, 1},     {Special::MaxTimestamp, 7},
    {Special::EarliestLocal, 8}, {Special::LatestTiered, 9}, {Special::EarliestPendingUpload, 11},
};

bool known(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= 0) return true;
  for (const Special& special : kSpecials) {
    if (special.timestamp == timestamp) return version >= special.since;
  }
  return false;
}

class ListOffsetsOperation : public std::enable_shared_from_this<ListOffsetsOperation> {
 public:
  ListOffsetsOperation(Services& services, Call call) : services_(services), call_(std::move(call)) {}

  void run(const ListOffsetsRequest& request) {
    isolation_ =
        request.isolation_level == 1 ? store::Isolation::ReadCommitted : store::Isolation::ReadUncommitted;
    std::map<std::pair<std::string_view, std::int32_t>, int> times;
    for (const auto& topic : request.topics) {
      for (const auto& partition : topic.partitions) ++times[{topic.name, partition.partition_index}];
    }
    for (const auto& topic : request.topics) {
      const std::size_t t = response_.topics.size();
      response_.topics.emplace_back().name = topic.name;
      response_.topics[t].partitions.reserve(topic.partitions.size());
      for (const auto& asked : topic.partitions) {
        int& count = times[{topic.name, asked.partition_index}];
        if (count == 0) continue;  // what stands twice is refused once
        const std::size_t p = response_.topics[t].partitions.size();
        PartitionResponse& out = response_.topics[t].partitions.emplace_back();
        out.partition_index = asked.partition_index;
        if (count > 1) {
          out.error_code = call_.code(ErrorCode::InvalidRequest);
          count = 0;
        } else {
          look_up(topic.name, asked, t, p);
        }
      }
    }
    settle();
  }

 private:
  void look_up(const std::string& topic, const ListOffsetsRequest::ListOffsetsPartition& asked, std::size_t t,
               std::size_t p) {
    PartitionResponse& out = response_.topics[t].partitions[p];
    if (!known(asked.timestamp, call_.version())) {
      out.error_code = call_.code(ErrorCode::UnsupportedVersion);
      return;
    }
    auto partition = services_.store.partition(topic, asked.partition_index);
    const ErrorCode error = partition ? check_leader_epoch(*partition, asked.current_leader_epoch)
                                      : ErrorCode::UnknownTopicOrPartition;
    if (error != ErrorCode::None) {
      out.error_code = call_.code(error);
      return;
    }
    if (asked.timestamp < 0 && asked.timestamp != Special::MaxTimestamp) {
      out.error_code = call_.code(ErrorCode::None);
      return answer_special(out, *partition, asked.timestamp);
    }
    ++pending_;
    services_.store.find_offset(partition, asked.timestamp, isolation_,
                                [self = shared_from_this(), t, p](store::FoundOffset found) {
                                  PartitionResponse& place = self->response_.topics[t].partitions[p];
                                  place.error_code = self->call_.code(found.error.code);
                                  place.offset = found.offset;
                                  place.timestamp = found.timestamp;
                                  place.leader_epoch = found.leader_epoch;
                                  self->settle();
                                });
  }

  void answer_special(PartitionResponse& out, const store::Partition& partition,
                      std::int64_t question) const {
    switch (question) {
      case Special::Latest:
        out.offset = isolation_ == store::Isolation::ReadCommitted ? partition.last_stable_offset()
                                                                   : partition.high_watermark();
        out.leader_epoch = partition.leader_epoch();
        break;
      case Special::Earliest:
      case Special::EarliestLocal:
        out.offset = partition.log_start();
        out.leader_epoch = epoch_at(partition, partition.log_start());
        break;
      default: break;  // nothing is tiered: -1, as from Apache Kafka without remote storage
    }
  }

  void settle() {
    if (--pending_ == 0) call_.send(response_);
  }

  Services& services_;
  Call call_;
  store::Isolation isolation_ = store::Isolation::ReadUncommitted;
  ListOffsetsResponse response_;
  std::size_t pending_ = 1;
};

}  // namespace

void list_offsets(Services& services, Call call) {
  auto request = decode_or_refuse<ListOffsetsRequest>(services, call);
  if (!request) return;
  std::make_shared<ListOffsetsOperation>(services, std::move(call))->run(*request);
}

}  // namespace ledge::broker
