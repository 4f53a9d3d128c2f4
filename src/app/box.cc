// SPDX-License-Identifier: Apache-2.0
#include "app/box.h"

#include <utility>

namespace ledge::app {

Box::Box(os::Env env, os::Directory& directory, BoxOptions options)
    : env_(env), directory_(directory), options_(std::move(options)) {}

Box::~Box() = default;  // members in reverse: server, broker, store

Result<void> Box::open() {
  TRY(store_, store::Store::open(env_, directory_, options_.store, &recovery_));
  return {};
}

void Box::serve(std::move_only_function<void(Result<void>)> done) {
  store_->when_ready([this, done = std::move(done)]() mutable { done(listen()); });
}

Result<void> Box::listen() {
  budget_ = broker::Budget::make(env_.loop, options_.request_memory_bytes);
  broker::Options options = options_.broker;
  options.disk_space = [this] { return directory_.space(); };
  options.data_folder = directory_.path();
  broker_ = std::make_unique<broker::Broker>(env_, *store_, std::move(options), budget_);
  server_ = std::make_unique<server::Server>(env_, options_.server, *broker_, budget_);
  return server_->listen();
}

void Box::stop(os::Callback done) {
  auto drain = [this, done = std::move(done)]() mutable { store_->drain(std::move(done)); };
  server_ ? server_->stop(std::move(drain)) : drain();
}

}  // namespace ledge::app
