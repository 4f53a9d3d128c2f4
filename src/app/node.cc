// SPDX-License-Identifier: Apache-2.0
#include "app/node.h"

#include "admin/metrics.h"
#include "admin/pages.h"
#include "app/fill_options.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/version.h"

namespace ledge::app {
namespace {

/// Damage reported line by line; the rest is counted. `ledge journal verify` lists all of it.
constexpr std::size_t kDamageLinesMax = 10;

std::string joined(const std::vector<server::Server::Bound>& bound) {
  std::string out;
  for (const auto& b : bound) out += (out.empty() ? "" : ",") + b.name + "://" + b.listening.text();
  return out;
}

}  // namespace

Node::Node(config::Loaded loaded) : loaded_(std::move(loaded)), world_(os::make_real()) {}

Node::~Node() = default;  // members in reverse: HTTP, box, lock, loop

Result<void> Node::start(Instant process_started) {
  for (const std::string& note : loaded_.notes) LOG_WARN("configuration", {{"note", note}});
  TRY_VOID(open_box());
  os::on_stop_signal(*world_.loop, [this](int signal) {
    LOG_INFO("stopping", {{"signal", signal}});
    stop();
  });
  box_->serve([this, process_started](Result<void> listening) {
    started_ = listening ? open_http() : std::move(listening);
    if (!started_) return world_.loop->stop();
    say_ready(process_started);
    say_damage();
  });
  return {};
}

Result<void> Node::open_box() {
  const std::string& path = loaded_.options.data_dir;
  TRY(directory_, os::open_directory(path));
  auto lock = os::lock_folder(path);
  if (!lock) return fail(lock.error().code, "the data folder " + path + ": " + lock.error().detail);
  lock_ = *std::move(lock);
  BoxOptions options{
      .store = store_options(loaded_.options),
      .broker = broker_options(loaded_),
      .server = server_options(loaded_),
      .request_memory_bytes = static_cast<std::uint64_t>(loaded_.options.limit.request_memory_bytes)};
  box_ = std::make_unique<Box>(world_.env(), *directory_, std::move(options));
  const Instant began = os::monotonic_clock();
  TRY_VOID(box_->open());
  box_->recovery().took = os::monotonic_clock() - began;  // the loop's own clock stands still until it runs
  return {};
}

Result<void> Node::open_http() {
  if (!loaded_.http) return {};
  admin::PageSources sources{.health = [this] { return box_->store().health(); },
                             .metrics = [this] { return admin::metrics_text(snapshot()); }};
  auto http = admin::HttpServer::listen(world_.env(), *loaded_.http, admin::pages(std::move(sources)));
  if (http) {
    http_ = *std::move(http);
    return {};
  }
  // A second server on one machine must not fail for a port that nobody asked for.
  if (loaded_.origins.contains("http.listener")) return std::unexpected(http.error());
  LOG_WARN("no HTTP listener: the default port is taken", {{"why", http.error().text()}});
  return {};
}

admin::Snapshot Node::snapshot() const {
  const cli::BuildInfo& build = cli::build_info();
  const journal::RecoveryReport& recovery = box_->recovery();
  return {.version = build.version,
          .commit = build.commit,
          .ready = box_->store().health().code == ErrorCode::None,
          .boot_epoch = box_->store().identity().boot_epoch,
          .recovery_seconds = static_cast<double>(recovery.took.count()) / 1e9,
          .recovery_torn_tail_bytes = recovery.torn_tail_bytes,
          .recovery_damaged_ranges = recovery.damage.size(),
          .http_connections = http_->connections(),
          .process = os::process_stats(),
          .disk = directory_->space().value_or(os::DiskSpace{}),
          .journal = box_->store().journal().stats(),
          .store = box_->store().stats(),
          .broker = box_->broker().stats(),
          .server = box_->server().stats()};
}

void Node::say_ready(Instant process_started) {
  const store::Identity& identity = box_->store().identity();
  const journal::RecoveryReport& recovery = box_->recovery();
  const auto ms = [](Duration d) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(d).count()) / 1000;
  };
  LOG_INFO("ready", {{"listeners", joined(box_->server().bound())},
                     {"http", http_ ? http_->local().text() : "none"},
                     {"data", directory_->path()},
                     {"cluster_id", identity.cluster_id.text()},
                     {"node_id", identity.node_id},
                     {"start", identity.boot_epoch},
                     {"topics", box_->store().stats().topics},
                     {"recovery_ms", ms(recovery.took)},
                     {"entries_replayed", recovery.entries_replayed},
                     {"torn_tail_bytes", recovery.torn_tail_bytes},
                     {"damaged", recovery.damage.size()},
                     {"start_ms", ms(os::monotonic_clock() - process_started)},
                     {"version", cli::build_info().version}});
}

void Node::say_damage() const {
  const journal::RecoveryReport& recovery = box_->recovery();
  std::size_t lines = 0;
  for (const journal::Damage& d : recovery.damage) {
    if (++lines > kDamageLinesMax) break;
    LOG_ERROR("the journal is damaged: records are lost", {{"file", d.file},
                                                           {"position", d.position},
                                                           {"stream", static_cast<std::uint64_t>(d.stream)},
                                                           {"first_offset", d.first_offset},
                                                           {"last_offset", d.last_offset},
                                                           {"what", d.what}});
  }
  if (recovery.damage.size() > kDamageLinesMax) {
    LOG_ERROR("more damage; ledge journal verify lists all", {{"ranges", recovery.damage.size()}});
  }
}

Result<void> Node::run() {
  world_.loop->run();
  return started_;
}

void Node::stop() {
  if (std::exchange(stopping_, true)) return;
  stop_deadline_ = world_.loop->timer();
  stop_deadline_->set(world_.loop->now() + std::chrono::milliseconds{std::int64_t{limits::stop_ms_max}},
                      [this] {
                        LOG_ERROR("stopped before everything was answered", {});
                        world_.loop->stop();
                      });
  http_.reset();
  box_->stop([this] {
    LOG_INFO("stopped", {});
    world_.loop->stop();
  });
}

}  // namespace ledge::app
