// SPDX-License-Identifier: Apache-2.0
// A client's process and its connections to the box: ledge's own client core on the simulated network. It
// negotiates, sends without waiting, reconnects; a version of each message is taken by chance from those that
// both sides know.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "client/node.h"
#include "scene.h"

namespace ledge::sim {

class SimClient {
 public:
  /// Consumers in groups have a connection of its own for the coordinator, which may keep a request for long.
  enum class To { Data, Coordinator };

  SimClient(Scene& scene, std::string name);
  ~SimClient();

  /// `then` is called once, with the answer or with why there is none; never after the client is destroyed.
  /// `lowest`: the oldest version that can carry what the request says. `wait`: how long the box may take
  /// on purpose.
  template <class Request, class Response>
  void ask(Request request, std::int16_t lowest, Duration wait,
           std::move_only_function<void(Result<Response>)> then, std::int16_t highest = INT16_MAX,
           To to = To::Data) {
    client::Node::Request sent;
    sent.api = &Request::api;
    highest = std::min(highest, Request::api.max_version);
    sent.version_max = static_cast<std::int16_t>(scene_.random.between(lowest, highest));
    sent.encode = [request = std::move(request)](std::int16_t version) {
      return kafka::encode<Request>(request, version);
    };
    sent.timeout = options_.request_timeout + wait;
    sent.answered = [this, calm = scene_.calm,
                     then = std::move(then)](Result<client::Node::Answer> answer) mutable {
      if (!answer) {
        not_answered(answer.error(), calm, Request::api.name);
        return then(std::unexpected(std::move(answer).error()));
      }
      auto response = kafka::decode<Response>(answer->body, answer->version);
      if (!response)
        scene_.oracle.violate(name_ + ": an answer to " + std::string{Request::api.name} +
                              " does not decode");
      then(std::move(response));
    };
    (to == To::Data ? data_ : coordinator_)->send(std::move(sent));
  }
  /// A request that has no answer (acks=0).
  template <class Request> void tell(Request request, std::int16_t lowest) {
    client::Node::Request sent;
    sent.api = &Request::api;
    sent.version_max = static_cast<std::int16_t>(scene_.random.between(lowest, Request::api.max_version));
    sent.encode = [request = std::move(request)](std::int16_t version) {
      return kafka::encode<Request>(request, version);
    };
    sent.answer_expected = false;
    sent.timeout = options_.request_timeout;
    sent.answered = [](Result<client::Node::Answer>) {};
    data_->send(std::move(sent));
  }

  /// Calls `act` again and again, after pauses that are `usual` on average, until the client is destroyed.
  void every(Duration usual, std::function<void()> act);

  Node& process() { return *process_; }
  os::Loop& loop() { return process_->env().loop; }
  const std::string& name() const { return name_; }
  Duration request_timeout() const { return options_.request_timeout; }

 private:
  void not_answered(const Error& why, bool calm, std::string_view api);
  void next_turn();

  Scene& scene_;
  const std::string name_;
  std::unique_ptr<Node> process_;
  client::Options options_;
  std::unique_ptr<os::Timer> turn_;
  Duration usual_{};
  std::function<void()> act_;
  std::unique_ptr<client::Node> data_, coordinator_;
};

}  // namespace ledge::sim
