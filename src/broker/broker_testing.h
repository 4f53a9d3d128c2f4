// SPDX-License-Identifier: Apache-2.0
// A broker over a store in memory, asked and answering in bytes, for the tests of the handlers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/fake_store.h"
#include "broker/testing.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"

namespace ledge::broker::testing {

class FakeRandom final : public os::Random {
 public:
  void fill(MutableBytes into) override { std::ranges::fill(into, std::uint8_t{++last_}); }

 private:
  std::uint8_t last_ = 0;
};

class NoNet final : public os::Net {
 public:
  Result<std::unique_ptr<os::Listener>> listen(const os::Endpoint&, Accepted) override {
    return fail(ErrorCode::InUse);
  }
  void connect(const os::Endpoint&, Duration, Connected) override {}
};

class NoWorker final : public os::Worker {
 public:
  void submit(os::Callback, os::Callback) override {}
};

inline Bytes flat(const Chain& chain) {
  Bytes out;
  for (const ChainPiece& piece : chain.pieces()) {
    if (const auto* bytes = std::get_if<SharedBytes>(&piece)) {
      out.insert(out.end(), bytes->view().begin(), bytes->view().end());
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    Bytes read(range.length);
    EXPECT_TRUE(range.file->read_at(range.position, read));
    out.insert(out.end(), read.begin(), read.end());
  }
  return out;
}

/// What a session would see.
class FakeSink final : public AnswerSink {
 public:
  void answered(std::uint64_t, Chain response) override { answers.push_back(std::move(response)); }
  void refused(std::uint64_t, std::string_view why, const std::string& detail) override {
    refusals.push_back(std::string{why} + ": " + detail);
  }
  os::Endpoint peer() const override { return {"10.0.0.9", 4711}; }

  std::vector<Chain> answers;
  std::vector<std::string> refusals;
};

/// One broker, one session; `loop_` and `store_` are driven by the test.
class BrokerTest : public ::testing::Test {
 protected:
  /// A frame as a client would send it.
  static SharedBytes frame(std::int16_t key, std::int16_t version, bool flexible, const Chain& body) {
    ByteWriter out;
    out.be(key);
    out.be(version);
    out.be(std::int32_t{4711});
    out.be(std::int16_t{2});
    out.text("me");
    if (flexible) out.be(std::uint8_t{0});
    out.bytes(flat(body));
    return SharedBytes::take(out.take());
  }
  void give(SharedBytes bytes) { broker_.handle({std::move(bytes), 1, listener_}, {sink_, 0}); }
  template <class Request> void give(const Request& request, std::int16_t version) {
    give(frame(Request::api.key, version, version >= Request::api.first_flexible,
               kafka::encode(request, version)));
  }
  template <class Response> Response take(std::int16_t version, bool header_can_be_flexible = true) {
    EXPECT_TRUE(sink_->refusals.empty()) << sink_->refusals.front();
    if (sink_->answers.empty()) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    last_ = std::move(sink_->answers.front());
    sink_->answers.erase(sink_->answers.begin());
    const Bytes bytes = flat(last_);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.be<std::int32_t>(), static_cast<std::int32_t>(bytes.size() - 4));
    EXPECT_EQ(reader.be<std::int32_t>(), 4711);
    if (header_can_be_flexible && version >= Response::api.first_flexible) {
      EXPECT_EQ(reader.be<std::uint8_t>(), 0);
    }
    std::size_t left = 0;
    auto response = kafka::decode<Response>(SharedBytes::copy(ByteView{bytes}.subspan(reader.position())),
                                            version, &left);
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(left, 0u);
    return response ? *std::move(response) : Response{};
  }
  template <class Response, class Request> Response ask(const Request& request, std::int16_t version) {
    give(request, version);
    return take<Response>(version);
  }

  static Chain batch(int records = 1, std::size_t value_bytes = 10, kafka::BatchFields fields = {}) {
    std::vector<kafka::NewRecord> list(static_cast<std::size_t>(records));
    for (kafka::NewRecord& record : list) {
      record.value = Bytes(value_bytes, 'v');
      record.timestamp = 1'700'000'000'000;
    }
    return Chain{SharedBytes::take(kafka::build_batch(list, fields))};
  }
  static kafka::ProduceRequest produce_to(const std::string& topic,
                                          std::vector<std::pair<std::int32_t, std::optional<Chain>>> parts,
                                          std::int16_t acks = -1) {
    kafka::ProduceRequest request;
    request.transactional_id = std::nullopt;
    request.acks = acks;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    for (auto& [index, records] : parts) {
      auto& partition = data.partition_data.emplace_back();
      partition.index = index;
      partition.records = std::move(records);
    }
    return request;
  }
  void fill(const std::string& topic, std::int32_t partition, int batches, std::size_t value_bytes = 10) {
    for (int i = 0; i < batches; ++i) {
      ask<kafka::ProduceResponse>(produce_to(topic, {{partition, batch(1, value_bytes)}}), 9);
    }
  }
  struct Want {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int32_t bytes_max = 1 << 20;
    std::int32_t epoch = -1;
    std::int32_t last_epoch = -1;
  };
  static kafka::FetchRequest fetch_of(const std::string& topic, const std::vector<Want>& wants,
                                      std::int32_t wait_ms = 0) {
    kafka::FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 1 << 24;
    auto& data = request.topics.emplace_back();
    data.topic = topic;
    for (const Want& want : wants) {
      auto& partition = data.partitions.emplace_back();
      partition.partition = want.partition;
      partition.fetch_offset = want.offset;
      partition.partition_max_bytes = want.bytes_max;
      partition.current_leader_epoch = want.epoch;
      partition.last_fetched_epoch = want.last_epoch;
    }
    return request;
  }
  static std::size_t bytes_of(const kafka::FetchResponse::PartitionData& partition) {
    return partition.records ? partition.records->size() : 0;
  }

  static Options options() {
    Options out;
    out.data_folder = "/data/of/the/test";
    out.disk_space = [] { return os::DiskSpace{.total_bytes = 1000, .available_bytes = 400}; };
    return out;
  }

  ManualLoop loop_;
  NoNet net_;
  FakeRandom random_;
  NoWorker worker_;
  FakeStore store_;
  std::shared_ptr<Budget> budget_ = Budget::make(loop_, 1 << 26);
  std::shared_ptr<const Listener> listener_ =
      std::make_shared<Listener>(Listener{"INSIDE", {"edge-broker", 19092}});
  std::shared_ptr<FakeSink> sink_ = std::make_shared<FakeSink>();
  Chain last_;
  Broker broker_{{loop_, net_, random_, worker_, worker_}, store_, options(), budget_};
};

}  // namespace ledge::broker::testing
