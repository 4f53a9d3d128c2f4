// SPDX-License-Identifier: Apache-2.0
// The Kafka APIs over a store. handle() is the one place for what all requests have in common: header,
// version range, decoding, dispatch by api/table.cc, counting (and, when they come, authentication and
// authorisation).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "broker/memory.h"
#include "broker/reply.h"
#include "os/system.h"
#include "store/store.h"

namespace ledge::broker {

/// Where clients reach this node by one listener: what Metadata and its like answer to requests that came in
/// by it.
struct Listener {
  std::string name;
  os::Endpoint advertised;
};

using ConnectionId = std::uint64_t;

/// A frame as a session cut it, without its length prefix.
struct Request {
  SharedBytes frame;
  ConnectionId connection = 0;
  std::shared_ptr<const Listener> listener;
};

/// Whether a request may be started while earlier ones of its connection are not answered yet. Kafka starts
/// none; what is allowed here cannot be told from that by a client, except by its speed.
enum class Overlap : std::uint8_t {
  Never,      // waits for all earlier answers, and later requests wait for its answer
  Tolerates,  // waits for all earlier answers; a Starts may come behind it (a parked fetch)
  Starts,     // is started behind Tolerates and Starts (produce: several share one sync)
};

/// What sessions hand frames to.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Overlap overlap(ByteView frame) const = 0;
  virtual void handle(Request request, Reply reply) = 0;
  /// The connection is gone: what is parked for it is dropped.
  virtual void disconnected(ConnectionId connection) = 0;
  /// Answers everything that is parked with what there is; what comes later is not parked. A step of a clean
  /// stop.
  virtual void stop_waiting() = 0;
};

#ifdef LEDGE_SABOTAGE
/// Deliberate bugs: the simulation switches one on to prove that it would find it.
enum class Sabotage : std::uint8_t {
  None,
  ProduceBeforeDurable,  // a produce request is answered when it is appended
};
#endif

struct Options {
  bool auto_create_topics = true;
  bool delete_topics = true;
  std::int32_t fetch_bytes_max = static_cast<std::int32_t>(limits::fetch_bytes_max);
  std::int32_t fetch_sessions_max = static_cast<std::int32_t>(limits::fetch_sessions_max);
  std::string rack;
  std::string data_folder;  // absolute
  /// Of the volume that holds it; empty: not known.
  std::function<Result<os::DiskSpace>()> disk_space;
  /// Broker settings that the operator gave, by Kafka's key; DescribeConfigs reports them over its table of
  /// defaults.
  std::map<std::string, std::string, std::less<>> static_configs;
  /// Broker settings that differ from Apache's default here without the operator's doing (log.dirs,
  /// listeners, ...).
  std::map<std::string, std::string, std::less<>> default_configs;
#ifdef LEDGE_SABOTAGE
  Sabotage sabotage = Sabotage::None;
#endif
};

/// Upper bounds of the request time histogram's buckets; one more bucket holds what is slower than all.
inline constexpr std::array<double, 12> kRequestSecondsBounds = {0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                                 0.025,  0.05,   0.1,   0.25,   1,     5};

struct ApiStats {
  std::int16_t key = 0;
  std::string_view name;
  std::uint64_t requests = 0;
  std::uint64_t seconds_count = 0;  // answered
  double seconds_sum = 0;           // from dispatch to the answer, parked time included
  std::array<std::uint64_t, kRequestSecondsBounds.size() + 1> seconds_buckets{};  // not cumulative
};

struct Stats {
  std::vector<ApiStats> apis;  // in the table's order
  /// Answers by error code on the wire, 0 included; counted per item (partition, topic, resource), not per
  /// request.
  std::map<std::int16_t, std::uint64_t> errors;
  std::uint64_t unknown_apis = 0, unsupported_versions = 0, undecodable = 0;
  std::uint64_t copied_bytes = 0;  // of records in answers that peers have not taken
  std::uint64_t parked = 0;        // fetches waiting now
  std::uint64_t fetch_sessions = 0, fetch_session_partitions = 0, fetch_sessions_evicted = 0;
};

class Broker final : public Handler {
 public:
  /// `env` and `store` must outlive the broker. `budget` is the memory for requests, shared with the server.
  Broker(os::Env env, store::Store& store, Options options, std::shared_ptr<Budget> budget);
  ~Broker() override;

  Overlap overlap(ByteView frame) const override;
  void handle(Request request, Reply reply) override;
  void disconnected(ConnectionId connection) override;
  void stop_waiting() override;

  /// The table is complete; the numbers are as of now.
  Stats stats() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ledge::broker
