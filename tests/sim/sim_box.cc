// SPDX-License-Identifier: Apache-2.0
#include "sim_box.h"

namespace ledge::sim {

SimBox::SimBox(Scene& scene, const app::BoxOptions& options)
    : scene_(scene), options_(options), disk_(scene.world) {
  options_.server.listeners = {{.name = "PLAINTEXT", .listen = scene.server, .advertised = {}}};
}

SimBox::~SimBox() { end(); }

bool SimBox::start() {
  life_ = std::make_unique<Life>();
  life_->process = scene_.world.add_node();
  life_->folder = disk_.open();
  life_->box = std::make_unique<app::Box>(life_->process->env(), *life_->folder, options_);
  ++scene_.figures["starts"];
  const Result<void> opened = life_->box->open();
  if (!opened) {
    scene_.say("no start: " + opened.error().text());
    const bool excused = disk_.stopped() || opened.error().detail.find("injected") != std::string::npos;
    scene_.oracle.require(excused, "the box does not start: " + opened.error().text());
    ++scene_.figures["failed starts"];
    return false;
  }
  scene_.oracle.require(life_->box->recovery().damage.empty(), "damage is reported that nobody did");
  scene_.say("started, epoch " + std::to_string(life_->box->store().identity().boot_epoch));
  life_->box->serve([this, life = life_.get()](Result<void> listening) {
    scene_.oracle.require(listening.has_value(), "the box does not listen");
    life->serving = true;
  });
  return true;
}

bool SimBox::ailing() const {
  return disk_.stopped() || (life_ && life_->box->store().health().code != ErrorCode::None);
}

void SimBox::end() {
  if (life_) life_->process->crash();
  if (life_) life_->box.reset();
  life_.reset();
}

void SimBox::kill() {
  scene_.say("killed");
  ++scene_.figures["kills"];
  end();
  disk_.heal();
}

void SimBox::cut_power() {
  scene_.say("power cut");
  ++scene_.figures["power cuts"];
  if (life_ && scene_.random.chance(0.7)) life_->process->lose_power(Network::kUnnoticedMax);
  end();
  disk_.power_cut();
}

void SimBox::stop() {
  disk_.heal();
  bool stopped = false;
  const Instant began = scene_.world.now();
  life_->box->stop([&] { stopped = true; });
  const bool in_time = scene_.world.run_until([&] { return stopped; }, 120s);
  scene_.oracle.require(in_time || ailing(), "a clean stop does not end");
  scene_.say("stopped after " + std::to_string((scene_.world.now() - began).count() / 1'000'000) + " ms");
  ++scene_.figures["clean stops"];
  if (scene_.random.chance(0.5)) return cut_power();
  end();
}

}  // namespace ledge::sim
