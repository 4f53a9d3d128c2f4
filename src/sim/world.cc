// SPDX-License-Identifier: Apache-2.0
#include "sim/world.h"

#include <utility>

#include "sim/net.h"

namespace ledge::sim {

namespace {

class SimTimer final : public os::Timer {
 public:
  explicit SimTimer(Node& node) : node_(node) {}
  ~SimTimer() override { cancel(); }

  void set(Instant at, os::Callback fire) override {
    cancel();
    current_ = std::make_shared<os::Callback>(std::move(fire));
    const Duration delay = std::max<Duration>(at - node_.world().now(), 0ns);
    node_.schedule(delay, [this, armed = std::weak_ptr<os::Callback>(current_)] {
      auto alive = armed.lock();
      if (!alive) return;  // cancelled, set anew or destroyed
      current_.reset();
      (*alive)();
    });
  }
  void cancel() override { current_.reset(); }

 private:
  Node& node_;
  std::shared_ptr<os::Callback> current_;
};

class SimLoop final : public os::Loop {
 public:
  explicit SimLoop(Node& node) : node_(node) {}

  Instant now() const override { return node_.world().now(); }
  WallMs wall_now() const override { return node_.world().wall_now(); }
  /// In the order of posting; when each happens is a matter of chance.
  void post(os::Callback call) override {
    posts_.push_back(std::move(call));
    const Duration delay = node_.world().random().chance(0.5) ? 0ns : node_.world().options().post_delay;
    node_.schedule(delay, [this] {
      os::Callback next = std::move(posts_.front());
      posts_.pop_front();
      next();
    });
  }
  std::unique_ptr<os::Timer> timer() override { return std::make_unique<SimTimer>(node_); }
  void run() override {
    stopped_ = false;
    while (!stopped_ && node_.world().step()) {
    }
  }
  void stop() override { stopped_ = true; }

 private:
  Node& node_;
  std::deque<os::Callback> posts_;
  bool stopped_ = false;
};

/// One job after the other, each some time after it was submitted; its completion is an event of its own.
class SimWorker final : public os::Worker {
 public:
  SimWorker(Node& node, SimLoop& loop) : node_(node), loop_(loop) {}

  void submit(os::Callback job, os::Callback done) override {
    jobs_.push_back({std::move(job), std::move(done)});
    if (jobs_.size() == 1) plan_next();
  }

 private:
  struct Job {
    os::Callback run, done;
  };
  void plan_next() {
    World& world = node_.world();
    node_.schedule(world.random().delay(world.options().job_delay), [this] {
      jobs_.front().run();
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      if (!jobs_.empty()) plan_next();
      job.run = nullptr;
      loop_.post(std::move(job.done));
    });
  }

  Node& node_;
  SimLoop& loop_;
  std::deque<Job> jobs_;
};

}  // namespace

struct Node::Parts {
  Parts(Node& node, std::uint64_t seed)
      : loop(node), random(seed), net(make_net(node)), journal_worker(node, loop), read_worker(node, loop) {}
  SimLoop loop;
  Random random;
  std::unique_ptr<os::Net> net;
  SimWorker journal_worker, read_worker;
};

Node::Node(World& world, std::uint64_t id)
    : world_(world), id_(id), parts_(std::make_unique<Parts>(*this, world.random_.next())) {}

Node::~Node() { crash(); }

os::Env Node::env() {
  return {parts_->loop, *parts_->net, parts_->random, parts_->journal_worker, parts_->read_worker};
}

void Node::schedule(Duration delay, os::Callback call) {
  if (!alive_) {
    graveyard_.push_back(std::move(call));
    return;
  }
  const World::Key key{(world_.now_ + delay).ns, world_.random_.next(), ++world_.events_made_};
  world_.events_.emplace(key, World::Event{this, std::move(call)});
}

void Node::stall(Duration time) { stalled_until_ = std::max(stalled_until_, world_.now_ + time); }

void Node::isolate(Duration time) { isolated_until_ = std::max(isolated_until_, world_.now_ + time); }

Duration Node::isolated() const { return std::max<Duration>(isolated_until_ - world_.now_, 0ns); }

void Node::end(Duration unnoticed) {
  if (!std::exchange(alive_, false)) return;
  world_.network_->node_ended(*this, unnoticed);
  for (auto each = world_.events_.begin(); each != world_.events_.end();) {
    if (each->second.node != this) {
      ++each;
      continue;
    }
    graveyard_.push_back(std::move(each->second.call));
    each = world_.events_.erase(each);
  }
}

World::World(std::uint64_t seed, WorldOptions options)
    : random_(seed), options_(options), network_(std::make_unique<Network>(*this)), first_(add_node()) {}

World::~World() = default;

std::unique_ptr<Node> World::add_node() { return std::unique_ptr<Node>(new Node(*this, ++nodes_made_)); }

bool World::step() {
  if (events_.empty()) return false;
  auto next = events_.extract(events_.begin());
  if (const Instant until = next.mapped().node->stalled_until_; until.ns > std::get<0>(next.key())) {
    // Behind each other in the order in which they were due, whatever chance said.
    next.key() = {until.ns, ++events_late_, std::get<2>(next.key())};
    events_.insert(std::move(next));
    return true;
  }
  now_ = std::max(now_, Instant{std::get<0>(next.key())});
  ++events_run_;
  trace(static_cast<std::uint64_t>(now_.ns));
  trace(next.mapped().node->id_ << 48 ^ std::get<2>(next.key()));
  next.mapped().call();
  return true;
}

void World::run_for(Duration time) {
  const Instant end = now_ + time;
  while (!events_.empty() && std::get<0>(events_.begin()->first) <= end.ns) step();
  now_ = std::max(now_, end);
}

}  // namespace ledge::sim
