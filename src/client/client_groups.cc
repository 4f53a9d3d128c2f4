// SPDX-License-Identifier: Apache-2.0
// Groups as their administrators see them.
#include "client/client.h"
#include "client/core.h"
#include "wire/kafka/messages/08_offset_commit.h"
#include "wire/kafka/messages/09_offset_fetch.h"
#include "wire/kafka/messages/15_describe_groups.h"
#include "wire/kafka/messages/16_list_groups.h"
#include "wire/kafka/messages/42_delete_groups.h"
#include "wire/kafka/messages/69_consumer_group_describe.h"

namespace ledge::client {
namespace {

constexpr std::int16_t kFetchOfSeveralGroupsFrom = 8;  // KIP-709
constexpr std::int16_t kOffsetsByTopicIdFrom = 10;     // KIP-516; a group's topics are known by their names
constexpr std::string_view kConsumerProtocolType = "consumer";

std::string place(const std::string& group, const TopicPartition& of) {
  return "group " + group + ", topic " + of.topic + ", partition " + std::to_string(of.partition);
}

/// ConsumerProtocolAssignment, of which every version begins with: version int16, topics array of name and
/// partitions. A stranger's bytes: what does not fit is no assignment.
std::vector<TopicPartition> assignment_from(ByteView bytes) {
  std::vector<TopicPartition> found;
  ByteReader in{bytes};
  in.be<std::int16_t>();
  const auto topics = in.be<std::int32_t>();
  for (std::int32_t i = 0; i < topics && in.ok(); ++i) {
    const auto length = in.be<std::int16_t>();
    if (length < 0) return {};
    const std::string topic{as_text(in.take(static_cast<std::size_t>(length)))};
    const auto count = in.be<std::int32_t>();
    for (std::int32_t p = 0; p < count && in.ok(); ++p) found.push_back({topic, in.be<std::int32_t>()});
  }
  if (!in.ok()) return {};
  std::ranges::sort(found);
  return found;
}

GroupDescription classic_from(kafka::DescribeGroupsResponse::DescribedGroup& group) {
  GroupDescription out{.id = std::move(group.group_id),
                       .type = "classic",
                       .state = std::move(group.group_state),
                       .protocol = std::move(group.protocol_data)};
  for (auto& m : group.members) {
    GroupMember& member = out.members.emplace_back();
    member.id = std::move(m.member_id);
    member.instance = std::move(m.group_instance_id);
    member.client_id = std::move(m.client_id);
    member.host = std::move(m.client_host);
    if (group.protocol_type == kConsumerProtocolType) member.assigned = assignment_from(m.member_assignment);
  }
  return out;
}

GroupDescription consumer_from(kafka::ConsumerGroupDescribeResponse::DescribedGroup& group) {
  GroupDescription out{.id = std::move(group.group_id),
                       .type = "consumer",
                       .state = std::move(group.group_state),
                       .protocol = std::move(group.assignor_name)};
  for (auto& m : group.members) {
    GroupMember& member = out.members.emplace_back();
    member.id = std::move(m.member_id);
    member.instance = std::move(m.instance_id);
    member.client_id = std::move(m.client_id);
    member.host = std::move(m.client_host);
    for (const auto& topic : m.assignment.topic_partitions)
      for (const std::int32_t p : topic.partitions) member.assigned.push_back({topic.topic_name, p});
    std::ranges::sort(member.assigned);
  }
  return out;
}

/// The answers of several brokers to one question; done when the last has answered, or the first has failed.
struct Listing {
  std::size_t open = 0;
  std::map<std::string, ListedGroup> found;
  bool over = false;
};

}  // namespace

void Client::list_groups(Done<std::vector<ListedGroup>> done) {
  using Listed = std::vector<ListedGroup>;
  core_->run<Listed>(std::move(done), [core = core_.get()](const auto& job) {
    core->load(std::vector<std::string>{}, false, [core, job](Result<Cluster> now) {
      if (!now) return core->finish<Listed>(job, std::unexpected(std::move(now).error()));
      if (now->brokers.empty())
        return core->finish<Listed>(job, fail(ErrorCode::LeaderNotAvailable, "the cluster has no broker"));
      auto listing = std::make_shared<Listing>();
      listing->open = now->brokers.size();
      for (const Broker& broker : now->brokers) {
        const auto answered = [core, job, listing](Result<kafka::ListGroupsResponse> response) {
          if (listing->over) return;
          if (response && response->error_code != 0)
            response = std::unexpected(server_error(response->error_code, std::nullopt, "ListGroups"));
          if (!response) {
            listing->over = true;
            return core->finish<Listed>(job, std::unexpected(std::move(response).error()));
          }
          for (auto& g : response->groups)
            listing->found.try_emplace(g.group_id,
                                       ListedGroup{g.group_id, g.protocol_type, g.group_state, g.group_type});
          if (--listing->open > 0) return;
          Listed all;
          for (auto& [id, group] : listing->found) all.push_back(std::move(group));
          core->finish<Listed>(job, std::move(all));
        };
        core->ask<kafka::ListGroupsRequest, kafka::ListGroupsResponse>(
            core->broker(broker), [](std::int16_t) { return kafka::ListGroupsRequest{}; }, answered);
      }
    });
  });
}

namespace {

void describe_consumer_group(Core* core, const Core::JobPtr<GroupDescription>& job, Node& node,
                             const std::string& group) {
  const auto make = [group](std::int16_t) {
    kafka::ConsumerGroupDescribeRequest request;
    request.group_ids = {group};
    request.include_authorized_operations = false;
    return request;
  };
  core->ask<kafka::ConsumerGroupDescribeRequest, kafka::ConsumerGroupDescribeResponse>(
      node, make, [core, job, group](Result<kafka::ConsumerGroupDescribeResponse> response) {
        const auto refuse = [&](Error error) {
          core->doubt_coordinator(error.code, group);
          core->finish<GroupDescription>(job, std::unexpected(std::move(error)));
        };
        if (!response && response.error().code == ErrorCode::UnsupportedVersion)
          return refuse({ErrorCode::GroupIdNotFound, "group " + group});  // knows classic groups only
        if (!response) return refuse(std::move(response).error());
        if (response->groups.size() != 1 || response->groups[0].group_id != group)
          return refuse({ErrorCode::Malformed, "ConsumerGroupDescribe was answered for another group"});
        auto& described = response->groups[0];
        if (described.error_code != 0)
          return refuse(server_error(described.error_code, std::nullopt, "group " + group));
        core->finish<GroupDescription>(job, consumer_from(described));
      });
}

}  // namespace

void Client::describe_group(std::string group, Done<GroupDescription> done) {
  const auto attempt = [core = core_.get(), group = std::move(group)](const auto& job) {
    core->with_coordinator(job, group, [core, job, group](Node& node) {
      const auto make = [group](std::int16_t) {
        kafka::DescribeGroupsRequest request;
        request.groups = {group};
        return request;
      };
      core->ask<kafka::DescribeGroupsRequest, kafka::DescribeGroupsResponse>(
          node, make, [core, job, group, &node](Result<kafka::DescribeGroupsResponse> response) {
            const auto refuse = [&](Error error) {
              core->doubt_coordinator(error.code, group);
              core->finish<GroupDescription>(job, std::unexpected(std::move(error)));
            };
            if (!response) return refuse(std::move(response).error());
            if (response->groups.size() != 1 || response->groups[0].group_id != group)
              return refuse({ErrorCode::Malformed, "DescribeGroups was answered for another group"});
            auto& described = response->groups[0];
            const ErrorCode code = error_from_wire(described.error_code);
            // A group that is not a classic one is "Dead" to this API, or not found (KIP-1043).
            if (code == ErrorCode::GroupIdNotFound ||
                (code == ErrorCode::None && described.group_state == "Dead"))
              return describe_consumer_group(core, job, node, group);
            if (code != ErrorCode::None)
              return refuse(server_error(described.error_code, described.error_message, "group " + group));
            core->finish<GroupDescription>(job, classic_from(described));
          });
    });
  };
  core_->run<GroupDescription>(std::move(done), attempt);
}

void Client::group_offsets(std::string group, Done<std::vector<GroupOffset>> done) {
  using Offsets = std::vector<GroupOffset>;
  core_->run<Offsets>(std::move(done), [core = core_.get(), group = std::move(group)](const auto& job) {
    core->with_coordinator(job, group, [core, job, group](Node& node) {
      const auto make = [group](std::int16_t version) {
        kafka::OffsetFetchRequest request;
        if (version >= kFetchOfSeveralGroupsFrom) {
          auto& one = request.groups.emplace_back();
          one.group_id = group;
          one.topics.reset();
        } else {
          request.group_id = group;
          request.topics.reset();
        }
        return request;
      };
      const auto answered = [core, job, group](Result<kafka::OffsetFetchResponse> response) {
        const auto finish = [&](Result<Offsets> result) {
          if (!result) core->doubt_coordinator(result.error().code, group);
          core->finish<Offsets>(job, std::move(result));
        };
        if (!response) return finish(std::unexpected(std::move(response).error()));
        Offsets found;
        std::int16_t code = response->error_code;
        const auto take = [&](const std::string& topic, auto& partitions) {
          for (auto& p : partitions) {
            if (code == 0) code = p.error_code;
            if (p.committed_offset >= 0)
              found.push_back({{topic, p.partition_index},
                               p.committed_offset,
                               p.committed_leader_epoch,
                               p.metadata.value_or("")});
          }
        };
        for (auto& topic : response->topics) take(topic.name, topic.partitions);
        for (auto& one : response->groups) {
          if (one.group_id != group)
            return finish(fail(ErrorCode::Malformed, "OffsetFetch was answered for another group"));
          if (code == 0) code = one.error_code;
          for (auto& topic : one.topics) take(topic.name, topic.partitions);
        }
        if (code != 0) return finish(std::unexpected(server_error(code, std::nullopt, "group " + group)));
        std::ranges::sort(found, {}, &GroupOffset::of);
        finish(std::move(found));
      };
      core->ask<kafka::OffsetFetchRequest, kafka::OffsetFetchResponse>(node, make, answered, {},
                                                                       kOffsetsByTopicIdFrom - 1);
    });
  });
}

void Client::commit_group_offsets(std::string group, std::vector<GroupOffset> offsets, Done<void> done) {
  core_->run<void>(std::move(done), [core = core_.get(), group = std::move(group),
                                     offsets = std::move(offsets)](const auto& job) {
    core->with_coordinator(job, group, [core, job, group, offsets](Node& node) {
      const auto make = [group, offsets](std::int16_t) {
        kafka::OffsetCommitRequest request;
        request.group_id = group;
        for (const GroupOffset& o : offsets) {
          if (request.topics.empty() || request.topics.back().name != o.of.topic)
            request.topics.emplace_back().name = o.of.topic;
          auto& p = request.topics.back().partitions.emplace_back();
          p.partition_index = o.of.partition;
          p.committed_offset = o.offset;
          p.committed_leader_epoch = o.leader_epoch;
          p.committed_metadata = o.metadata;
        }
        return request;
      };
      const auto answered = [core, job, group](Result<kafka::OffsetCommitResponse> response) {
        Result<void> result;
        if (!response) result = std::unexpected(response.error());
        for (const auto& topic : response ? response->topics : decltype(response->topics){})
          for (const auto& p : topic.partitions)
            if (result && p.error_code != 0)
              result = std::unexpected(
                  server_error(p.error_code, std::nullopt, place(group, {topic.name, p.partition_index})));
        if (!result) core->doubt_coordinator(result.error().code, group);
        core->finish<void>(job, std::move(result));
      };
      core->ask<kafka::OffsetCommitRequest, kafka::OffsetCommitResponse>(node, make, answered, {},
                                                                         kOffsetsByTopicIdFrom - 1);
    });
  });
}

void Client::delete_group(std::string group, Done<void> done) {
  core_->run<void>(std::move(done), [core = core_.get(), group = std::move(group)](const auto& job) {
    core->with_coordinator(job, group, [core, job, group](Node& node) {
      const auto make = [group](std::int16_t) {
        kafka::DeleteGroupsRequest request;
        request.groups_names = {group};
        return request;
      };
      core->ask<kafka::DeleteGroupsRequest, kafka::DeleteGroupsResponse>(
          node, make, [core, job, group](Result<kafka::DeleteGroupsResponse> response) {
            Result<void> result;
            if (!response)
              result = std::unexpected(std::move(response).error());
            else if (response->results.size() != 1 || response->results[0].group_id != group)
              result = fail(ErrorCode::Malformed, "DeleteGroups was answered for another group");
            else if (response->results[0].error_code != 0)
              result = std::unexpected(
                  server_error(response->results[0].error_code, std::nullopt, "group " + group));
            if (!result) core->doubt_coordinator(result.error().code, group);
            core->finish<void>(job, std::move(result));
          });
    });
  });
}

}  // namespace ledge::client
