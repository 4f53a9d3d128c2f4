// SPDX-License-Identifier: Apache-2.0
// What a start finds is what the run before had made durable.
#include <gtest/gtest.h>

#include <random>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

/// Everything that clients and the link can see, as text.
std::string describe(Box& box) {
  std::string out = box.store->identity().cluster_id.text() + "\n";
  for (const state::TopicView* topic : box.store->topics().all()) {
    out += topic->name + " " + topic->id.text() + "\n";
    for (std::int32_t i = 0; i < topic->partitions; ++i) {
      const PartitionPtr p = box.store->partition(topic->id, i);
      out += " " + p->incarnation().text() + " " + std::to_string(p->log_start()) + " " +
             std::to_string(p->high_watermark()) + " " + std::to_string(p->log_end());
      for (std::int32_t e = 0; e < p->leader_epoch(); ++e)
        out += " " + std::to_string(p->epoch_end(e).epoch) + ":" + std::to_string(p->epoch_end(e).end_offset);
      out += "\n";
    }
  }
  return out;
}

/// What a start has to find again, whatever happened between: overrides, sizes, producers; without the boot.
Bytes kept_of(Box& box) {
  state::RecordWriter out;
  for (const state::TopicView* topic : box.store->topics().all()) {
    out.le(topic->partitions);
    for (const auto& [key, value] : topic->overrides) out.string(key), out.string(value);
    for (std::int32_t i = 0; i < topic->partitions; ++i) {
      const Log& log = *box.store->state().log(topic->id, i);
      out.le(log.log_start());
      out.le(log.log_bytes());
      if (log.producers() != nullptr) log.producers()->save(out, box.loop.instant);
    }
  }
  return out.take();
}

TEST(Recovery, GivesTheStateOfTheRunWhateverWasDone) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&](std::uint32_t n) { return random() % n; };
    Box box;
    std::vector<Uuid> ids;
    std::map<std::pair<std::string, std::int64_t>, std::int32_t> sequences;
    for (int step = 0; step < 150; ++step) {
      const auto all = box.store->topics().all();
      const std::uint32_t what = pick(20);
      if (what == 0 || all.empty()) {
        box.create("t" + std::to_string(step), {}, static_cast<std::int32_t>(1 + pick(3)));
      } else if (what == 1) {
        box.store->delete_topics({all[pick(static_cast<std::uint32_t>(all.size()))]->id}, [](auto) {});
        box.sync();
      } else if (what == 2) {
        new_id(box);
      } else if (what == 3) {
        box.journal->take_snapshot();
      } else if (what >= 5 && what <= 7) {
        const state::TopicView* topic = all[pick(static_cast<std::uint32_t>(all.size()))];
        const PartitionPtr log = box.store->partition(topic->id, 0);
        if (what == 5) {
          box.store->add_partitions({{topic->name, topic->partitions + 1, std::nullopt}}, false, [](auto) {});
        } else if (what == 6) {
          box.store->change_configs(
              {{topic->name, pick(2) == 0, {{"retention.ms", {}, std::to_string(step)}}}}, false,
              [](auto) {});
        } else {
          const auto to = log->log_start() + (log->high_watermark() - log->log_start()) / 2;
          box.store->delete_records(log, to, [](auto, auto) {});
        }
        box.sync();
      } else if (what == 4) {
        const std::string before = describe(box);
        const Bytes kept = kept_of(box);
        box.cut_and_start();
        EXPECT_TRUE(describe(box).starts_with(before.substr(0, 23)));
        EXPECT_EQ(kept_of(box), kept) << "seed " << seed << " step " << step;
      } else {
        const state::TopicView* topic = all[pick(static_cast<std::uint32_t>(all.size()))];
        const std::int64_t producer = pick(4);
        auto& sequence = sequences[{topic->name, producer}];
        const auto n = 1 + pick(5);
        if (pick(6) == 0) sequence += 1;  // a gap, which is refused
        const Appended answer =
            append(box, box.store->partition(topic->id, 0), batch_from(producer, 0, sequence, n));
        if (answer.error.code == ErrorCode::None)
          sequence += static_cast<std::int32_t>(n);
        else
          sequence -= 1;
      }
    }
    // Two starts that see the same disk see the same, but for the epoch of the start itself.
    const Bytes kept = kept_of(box);
    const auto tops = box.store->topics().all().size();
    std::vector<std::int64_t> ends;
    for (const auto* topic : box.store->topics().all())
      for (std::int32_t i = 0; i < topic->partitions; ++i)
        ends.push_back(box.store->partition(topic->id, i)->high_watermark());
    box.cut_and_start();
    EXPECT_EQ(kept_of(box), kept) << "seed " << seed;
    EXPECT_EQ(box.store->topics().all().size(), tops);
    std::size_t at = 0;
    for (const auto* topic : box.store->topics().all())
      for (std::int32_t i = 0; i < topic->partitions; ++i)
        EXPECT_EQ(box.store->partition(topic->id, i)->high_watermark(), ends.at(at++));
    // With a snapshot or from the first record on: the same.
    const std::string from_snapshot = describe(box);
    box.disk.snapshot.reset();
    box.store.reset();
    box.loop.posted.clear();
    ASSERT_TRUE(box.try_start().has_value());
    EXPECT_EQ(kept_of(box), kept) << "seed " << seed;
  }
}

TEST(Recovery, ADamagedSnapshotIsAnErrorAndNoCrash) {
  Box box;
  box.create("t", {}, 2);
  append(box, box.partition(), batch_from(7, 0, 0));
  box.journal->take_snapshot();
  const FakeDisk good = box.disk;
  for (std::size_t n = 0; n < good.snapshot->parts[0].second.size(); ++n) {
    box.disk.snapshot->parts[0].second.resize(n);
    EXPECT_FALSE(box.try_start().has_value()) << n;
    box.disk = good;
  }
  for (std::size_t bit = 0; bit < good.snapshot->parts[0].second.size() * 8; ++bit) {
    box.disk.snapshot->parts[0].second[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    (void)box.try_start();
    box.disk = good;
  }
  ASSERT_TRUE(box.try_start().has_value());
}

TEST(Recovery, ARecordOfAnUnknownKindIsRefusedNotPassedOver) {
  Box box;
  journal::EntryHeader header;
  header.stream = kStateStream;
  header.first_offset = header.last_offset = box.store->state().next_record;
  box.disk.frames.push_back({{header, SharedBytes::take({99, 0, 1})}});
  EXPECT_EQ(box.try_start().error().code, ErrorCode::WrongFormatVersion);
}

TEST(Recovery, WhereRecordsAreLostTheRestIsServedAndNothingIsUsedTwice) {
  Box box;
  box.create("lost");
  box.create("kept");
  const std::uint64_t lost_stream = box.store->topics().find("lost")->streams[0];
  append(box, box.partition("lost"), batch_of(1));
  append(box, box.partition("kept"), batch_of(1));
  const std::int64_t id = new_id(box).id;
  box.cut_and_start();
  append(box, box.partition("kept"), batch_of(1));  // leader epoch 1
  const std::int32_t epoch = box.partition("kept")->leader_epoch();
  // The records of topic "lost", of the producer ids and of the second start are in a damaged part.
  std::erase_if(box.disk.frames, [&](const std::vector<journal::Entry>& frame) {
    const auto body = frame[0].body.view();
    const auto type = static_cast<state::RecordType>(body[0]);
    return frame[0].header.stream == kStateStream &&
           (type == state::RecordType::ProducerIdBlock || (type == state::RecordType::Boot && body[2] == 1) ||
            (type == state::RecordType::TopicCreated && as_text(body.subspan(3)).starts_with("lost")));
  });
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("lost"), nullptr);
  EXPECT_EQ(box.store->state().orphans(), 1u);
  ASSERT_NE(box.partition("kept"), nullptr);
  EXPECT_EQ(box.partition("kept")->high_watermark(), 2);
  EXPECT_GT(box.partition("kept")->leader_epoch(), epoch);
  EXPECT_GT(new_id(box).id, id);
  box.create("new");
  EXPECT_GT(box.store->topics().find("new")->streams[0], lost_stream);
}

}  // namespace
}  // namespace ledge::store
