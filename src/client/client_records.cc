// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"
#include "client/core.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/02_list_offsets.h"
#include "wire/kafka/messages/22_init_producer_id.h"

namespace ledge::client {
namespace {

constexpr std::int16_t kProduceByIdFrom = 13;
constexpr std::int16_t kFetchByIdFrom = 13;
constexpr std::int32_t kNoReplica = -1;
constexpr std::int32_t kNoSession = -1;  // session epoch of a fetch that begins none

std::int32_t as_ms(Duration d) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

/// Servers that know topic ids want them in the newer versions; without one the older version has to do.
std::int16_t newest_for(const Uuid& id, std::int16_t by_id_from) {
  return id.is_zero() ? static_cast<std::int16_t>(by_id_from - 1) : INT16_MAX;
}

std::string place(const std::string& topic, std::int32_t partition) {
  return "topic " + topic + ", partition " + std::to_string(partition);
}

std::unexpected<Error> off_topic(std::string_view api) {
  return fail(ErrorCode::Malformed, std::string{api} + " was answered for another partition");
}

Result<Produced> produced_from(const kafka::ProduceResponse& response, const ProduceTo& to) {
  if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1 ||
      response.responses[0].partition_responses[0].index != to.partition)
    return off_topic("Produce");
  const auto& p = response.responses[0].partition_responses[0];
  const ErrorCode code = error_from_wire(p.error_code);
  if (code == ErrorCode::DuplicateSequenceNumber)
    return Produced{};  // stored by an attempt whose answer was lost
  if (code == ErrorCode::None) return Produced{p.base_offset, p.log_append_time_ms};
  Error error = server_error(p.error_code, p.error_message, place(to.topic, to.partition));
  if (!p.record_errors.empty() && p.record_errors[0].batch_index_error_message)
    error.detail += " Record " + std::to_string(p.record_errors[0].batch_index) + ": " +
                    *p.record_errors[0].batch_index_error_message;
  return std::unexpected(std::move(error));
}

Result<Fetched> fetched_from(kafka::FetchResponse& response, const FetchFrom& from) {
  if (response.error_code != 0)
    return std::unexpected(
        server_error(response.error_code, std::nullopt, place(from.topic, from.partition)));
  Fetched out;
  if (response.responses.empty()) return out;  // nothing new, as some servers say it
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1 ||
      response.responses[0].partitions[0].partition_index != from.partition)
    return off_topic("Fetch");
  auto& p = response.responses[0].partitions[0];
  if (p.error_code != 0)
    return std::unexpected(server_error(p.error_code, std::nullopt, place(from.topic, from.partition)));
  out.high_watermark = p.high_watermark;
  out.last_stable_offset = p.last_stable_offset;
  out.log_start_offset = p.log_start_offset;
  if (p.aborted_transactions)
    for (const auto& a : *p.aborted_transactions) out.aborted.emplace_back(a.producer_id, a.first_offset);
  if (p.records && !p.records->empty()) {
    const auto* bytes = std::get_if<SharedBytes>(&p.records->pieces().front());
    CHECK(bytes != nullptr);
    out.batches = *bytes;
  }
  return out;
}

Result<ListedOffset> listed_from(const kafka::ListOffsetsResponse& response, const std::string& topic,
                                 std::int32_t partition) {
  if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1 ||
      response.topics[0].partitions[0].partition_index != partition)
    return off_topic("ListOffsets");
  const auto& p = response.topics[0].partitions[0];
  if (p.error_code != 0)
    return std::unexpected(server_error(p.error_code, std::nullopt, place(topic, partition)));
  return ListedOffset{p.offset, p.timestamp};
}

}  // namespace

void Client::list_offset(std::string topic, std::int32_t partition, std::int64_t time, bool read_committed,
                         Done<ListedOffset> done) {
  core_->run<ListedOffset>(std::move(done), [core = core_.get(), topic = std::move(topic), partition, time,
                                             read_committed](const auto& job) {
    const auto then = [core, job, topic, partition, time, read_committed](Node& node, const Topic&,
                                                                          const Partition& p) {
      const auto make = [=, epoch = p.leader_epoch,
                         timeout = as_ms(core->options().request_timeout)](std::int16_t) {
        kafka::ListOffsetsRequest request;
        request.replica_id = kNoReplica;
        request.isolation_level = read_committed ? 1 : 0;
        request.timeout_ms = timeout;
        auto& t = request.topics.emplace_back();
        t.name = topic;
        auto& asked = t.partitions.emplace_back();
        asked.partition_index = partition;
        asked.current_leader_epoch = epoch;
        asked.timestamp = time;
        return request;
      };
      core->ask<kafka::ListOffsetsRequest, kafka::ListOffsetsResponse>(
          node, make, [core, job, topic, partition](Result<kafka::ListOffsetsResponse> response) {
            auto listed = response ? listed_from(*response, topic, partition)
                                   : Result<ListedOffset>{std::unexpected(std::move(response).error())};
            if (!listed) core->doubt(listed.error().code, topic);
            core->finish<ListedOffset>(job, std::move(listed));
          });
    };
    core->with_leader(job, topic, partition, then);
  });
}

void Client::init_producer_id(Done<ProducerIdentity> done) {
  core_->run<ProducerIdentity>(std::move(done), [core = core_.get()](const auto& job) {
    const auto make = [](std::int16_t) {
      kafka::InitProducerIdRequest request;
      request.transactional_id.reset();
      request.transaction_timeout_ms = INT32_MAX;  // not transactional: means nothing
      return request;
    };
    core->ask<kafka::InitProducerIdRequest, kafka::InitProducerIdResponse>(
        core->any_node(), make, [core, job](Result<kafka::InitProducerIdResponse> response) {
          if (!response)
            return core->finish<ProducerIdentity>(job, std::unexpected(std::move(response).error()));
          if (response->error_code != 0)
            return core->finish<ProducerIdentity>(
                job, std::unexpected(server_error(response->error_code, std::nullopt, "InitProducerId")));
          core->finish<ProducerIdentity>(job,
                                         ProducerIdentity{response->producer_id, response->producer_epoch});
        });
  });
}

void Client::produce(ProduceTo to, SharedBytes batch, Done<Produced> done) {
  core_->run<Produced>(std::move(done), [core = core_.get(), to = std::move(to), batch](const auto& job) {
    const auto then = [core, job, to, batch](Node& node, const Topic& topic, const Partition&) {
      const auto make = [to, batch, id = topic.id,
                         timeout = as_ms(core->options().request_timeout)](std::int16_t) {
        kafka::ProduceRequest request;
        request.transactional_id.reset();
        request.acks = to.acks;
        request.timeout_ms = timeout;
        auto& t = request.topic_data.emplace_back();
        t.name = to.topic;
        t.topic_id = id;
        auto& p = t.partition_data.emplace_back();
        p.index = to.partition;
        p.records = Chain{batch};
        return request;
      };
      core->ask<kafka::ProduceRequest, kafka::ProduceResponse>(
          node, make,
          [core, job, to](Result<kafka::ProduceResponse> response) {
            if (response && to.acks == 0) return core->finish<Produced>(job, Produced{});
            auto produced = response ? produced_from(*response, to)
                                     : Result<Produced>{std::unexpected(std::move(response).error())};
            if (!produced) core->doubt(produced.error().code, to.topic);
            core->finish<Produced>(job, std::move(produced));
          },
          {}, newest_for(topic.id, kProduceByIdFrom), to.acks != 0);
    };
    core->with_leader(job, to.topic, to.partition, then);
  });
}

void Client::fetch(FetchFrom from, Done<Fetched> done) {
  core_->run<Fetched>(std::move(done), [core = core_.get(), from = std::move(from)](const auto& job) {
    const auto then = [core, job, from](Node& node, const Topic& topic, const Partition& known) {
      const auto make = [from, id = topic.id, epoch = known.leader_epoch](std::int16_t) {
        kafka::FetchRequest request;
        request.replica_id = kNoReplica;
        request.max_wait_ms = as_ms(from.wait_max);
        request.min_bytes = from.bytes_min;
        request.max_bytes = from.bytes_max;
        request.isolation_level = from.read_committed ? 1 : 0;
        request.session_epoch = kNoSession;
        auto& t = request.topics.emplace_back();
        t.topic = from.topic;
        t.topic_id = id;
        auto& p = t.partitions.emplace_back();
        p.partition = from.partition;
        p.current_leader_epoch = epoch;
        p.fetch_offset = from.offset;
        p.partition_max_bytes = from.bytes_max;
        return request;
      };
      core->ask<kafka::FetchRequest, kafka::FetchResponse>(
          node, make,
          [core, job, from](Result<kafka::FetchResponse> response) {
            auto fetched = response ? fetched_from(*response, from)
                                    : Result<Fetched>{std::unexpected(std::move(response).error())};
            if (!fetched) core->doubt(fetched.error().code, from.topic);
            core->finish<Fetched>(job, std::move(fetched));
          },
          from.wait_max, newest_for(topic.id, kFetchByIdFrom));
    };
    core->with_leader(job, from.topic, from.partition, then);
  });
}

}  // namespace ledge::client
