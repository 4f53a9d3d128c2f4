// SPDX-License-Identifier: Apache-2.0
// One seed: a box that lives and dies on a simulated disk while clients use its store.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "oracle.h"
#include "sim/sim.h"
#include "store/store.h"

namespace ledge::sim {

struct RunOptions {
  int sabotage = 0;  // journal::Sabotage
  bool verbose = false;
};

struct RunFigures {
  std::uint64_t events = 0, lives = 0, failed_starts = 0, power_cuts = 0, kills = 0, clean_stops = 0;
  std::uint64_t disk_faults = 0, flips = 0, batches_acked = 0, batches_resent = 0, reads = 0, facts = 0;
  std::uint64_t topics_created = 0, topics_deleted = 0, segments_recycled = 0, duplicates = 0;
  std::int64_t virtual_ms = 0;
  void add(const RunFigures& other);
};

class BoxRun {
 public:
  BoxRun(std::uint64_t seed, RunOptions options);
  ~BoxRun();
  /// Empty, or what was violated.
  std::string run();
  const RunFigures& figures() const { return figures_; }
  std::uint64_t trace_hash() const { return world_.trace_hash(); }

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
  RunFigures figures_;
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
