// SPDX-License-Identifier: Apache-2.0
#include "sim_client.h"

namespace ledge::sim {

SimClient::SimClient(Scene& scene, std::string name)
    : scene_(scene), name_(std::move(name)), process_(scene.world.add_node()) {
  options_.client_id = name_;
  options_.request_timeout = Duration{scene.random.between(Duration{2s}.count(), Duration{20s}.count())};
  options_.connect_timeout = 2s;
  options_.reconnect_pause_max = 1s;
  const os::Env env = process_->env();
  turn_ = env.loop.timer();
  for (auto* each : {&data_, &coordinator_})
    *each = std::make_unique<client::Node>(env.loop, env.net, env.random, options_, scene.server);
}

SimClient::~SimClient() {
  process_->crash();
  data_.reset();
  coordinator_.reset();
  turn_.reset();
}

void SimClient::every(Duration usual, std::function<void()> act) {
  usual_ = usual;
  act_ = std::move(act);
  next_turn();
}

void SimClient::next_turn() {
  const Duration usual = scene_.finishing ? std::max<Duration>(usual_, 300ms) : usual_;
  turn_->set(loop().now() + Duration{scene_.random.between(0, 2 * usual.count())}, [this] {
    next_turn();
    act_();
  });
}

/// client::Node takes an answer that is not the oldest request's, or that nobody asked for, as malformed.
void SimClient::not_answered(const Error& why, bool calm, std::string_view api) {
  ++scene_.figures["requests without an answer"];
  const std::string what = name_ + ", " + std::string{api} + ": " + why.text();
  if (why.code == ErrorCode::Malformed || why.code == ErrorCode::UnsupportedVersion)
    scene_.oracle.violate(what);
  if (why.code == ErrorCode::RequestTimedOut && calm)
    scene_.oracle.violate(what + " although the connection is fine");
}

}  // namespace ledge::sim
