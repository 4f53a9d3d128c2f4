// SPDX-License-Identifier: Apache-2.0
// One seed: a store that lives and dies on a simulated disk while clients call it directly. Without network
// and server in between, this rig spends its time on the journal; it also flips bits.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "oracle.h"
#include "rig.h"
#include "sim/sim.h"
#include "store/store.h"

namespace ledge::sim {

class StoreRun final : public Run {
 public:
  StoreRun(std::uint64_t seed, RunOptions options);
  ~StoreRun() override;
  std::string run() override;
  std::uint64_t trace_hash() const override { return world_.trace_hash(); }

 private:
  enum class Presence { Unknown, There, Gone };
  struct Topic {
    std::string name;
    Uuid id = {};
    int partitions = 0;
    Presence presence = Presence::Unknown;
    bool deleting = false;
  };
  struct Batch {
    std::vector<std::uint64_t> ids;
    std::int64_t sequence = 0;
    bool in_flight = false;
  };
  struct Producer {
    bool idempotent = false;
    std::int64_t id = -1;  // Kafka's, once given
    bool asked_id = false;
    std::size_t topic = 0;
    std::int32_t partition = 0;
    std::int64_t next_sequence = 0;
    std::deque<std::shared_ptr<Batch>> window = {};  // sent, not acknowledged
    bool stalled = false;                            // sends again what is unacknowledged, in order
    bool retired = false;
  };
  /// What one start of the box has.
  struct Life {
    std::unique_ptr<Node> node;
    std::unique_ptr<os::Directory> folder;
    journal::RecoveryReport report;
    std::unique_ptr<store::Store> store;
  };

  // lives
  bool start();
  void end_life(bool power_cut);
  void live();
  void plan_faults();
  void flip_a_bit();
  void finale();

  // clients
  void act();
  void create_topic();
  void delete_topic();
  void produce(std::size_t who);
  void send(std::size_t who, const std::shared_ptr<Batch>& batch);
  void answered(std::size_t who, const std::shared_ptr<Batch>& batch, const store::Appended& answer);
  /// Whether the producer's newest batch before this one is in a range that the journal reported as lost.
  bool predecessor_lost(std::size_t who, const Batch& batch) const;
  void fetch();
  void forget_in_flight();
  std::shared_ptr<Batch> new_batch(std::size_t who);

  // checks
  void check_identity();
  void check_topics();
  void check_logs();
  void check_log(const Topic& topic, std::int32_t partition);
  /// Reads on from `offset`; false when it could not be read because of a fault.
  bool read_on(const store::PartitionPtr& partition, const std::string& log, std::int64_t* offset,
               std::vector<Oracle::ReadRecord>* out,
               std::vector<std::pair<std::int64_t, std::int64_t>>* lost);
  void take_batch(const std::string& log, ByteView batch, std::int64_t from,
                  std::vector<Oracle::ReadRecord>* out);

  bool stopped() const { return !oracle_.violation().empty(); }
  void say(const std::string& what);

  const RunOptions options_;
  World world_;
  Disk disk_;
  Random& random_;
  Oracle oracle_;
  store::Options store_options_;
  bool flips_ = false;                     // this seed damages the disk once
  bool damaged_ = false;                   // it has
  std::vector<journal::Damage> reported_;  // by every start since
  std::vector<Topic> topics_;
  std::vector<Producer> producers_;
  std::unique_ptr<Life> life_;
  // identity
  Uuid cluster_id_, journal_id_;
  std::int32_t boot_epoch_ = -1;
};

}  // namespace ledge::sim
