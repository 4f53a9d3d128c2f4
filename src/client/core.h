// SPDX-License-Identifier: Apache-2.0
// What all operations of a client share: the connections, who leads which partition, and the way in which an
// operation is tried again. Private to client/.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/backoff.h"
#include "client/node.h"

namespace ledge::client {

class Core {
 public:
  /// An operation under way.
  struct Job {
    virtual ~Job() = default;
    Instant deadline;
    int attempts = 0;
    std::unique_ptr<os::Timer> timer;
  };
  template <typename T> struct TypedJob : Job {
    std::function<void(const std::shared_ptr<TypedJob>&)> attempt;
    Done<T> done;
  };
  template <typename T> using JobPtr = std::shared_ptr<TypedJob<T>>;

  Core(os::Loop& loop, os::Net& net, os::Random& random, Options options);

  /// Starts an operation. `attempt` ends in finish(), at once or later, as often as it is called.
  template <typename T> void run(Done<T> done, std::function<void(const JobPtr<T>&)> attempt) {
    auto job = std::make_shared<TypedJob<T>>();
    job->deadline = loop_.now() + options_.operation_timeout;
    job->timer = loop_.timer();
    job->attempt = std::move(attempt);
    job->done = std::move(done);
    jobs_.push_back(job);
    try_at(job, loop_.now());
  }

  /// The end of an attempt: answers, or tries again when that may help and there is time.
  template <typename T> void finish(const JobPtr<T>& job, Result<T> result, bool may_retry = true) {
    const Duration pause =
        backoff(++job->attempts, options_.retry_pause, options_.retry_pause_max, random_.u64());
    if (!result && may_retry && error_retriable(result.error().code) && loop_.now() + pause < job->deadline)
      return try_at(job, loop_.now() + pause);
    std::erase(jobs_, job);
    job->done(std::move(result));
  }

  /// Sends a request and hands its decoded answer to `then`. `make(version)` gives the message.
  template <typename Request, typename Response, typename Make, typename Then>
  void ask(Node& node, Make make, Then then, Duration more_time = {}, std::int16_t version_max = INT16_MAX,
           bool answer_expected = true) {
    Node::Request request;
    request.api = &Request::api;
    request.version_max = version_max;
    request.encode = [make = std::move(make)](std::int16_t version) mutable {
      return kafka::encode<Request>(make(version), version);
    };
    request.answer_expected = answer_expected;
    request.timeout = options_.request_timeout + more_time;
    request.answered = [then = std::move(then), answer_expected](Result<Node::Answer> answer) mutable {
      if (!answer) return then(Result<Response>{std::unexpected(std::move(answer).error())});
      if (!answer_expected) return then(Result<Response>{Response{}});
      then(kafka::decode<Response>(answer->body, answer->version));
    };
    node.send(std::move(request));
  }

  /// Calls then(node, topic, partition) with the partition's leader, once it is known; ends the attempt
  /// otherwise.
  template <typename T, typename Then>
  void with_leader(const JobPtr<T>& job, const std::string& topic, std::int32_t partition, Then then) {
    if (const Partition* known = known_partition(topic, partition))
      return then(node_at(brokers_.at(known->leader)), topics_.at(topic), *known);
    load(std::vector{topic}, false,
         [this, job, topic, partition, then = std::move(then)](Result<Cluster> now) mutable {
           if (!now) return finish<T>(job, std::unexpected(std::move(now).error()));
           if (const Partition* known = known_partition(topic, partition))
             return then(node_at(brokers_.at(known->leader)), topics_.at(topic), *known);
           finish<T>(job, std::unexpected(why_unknown(*now, topic, partition)));
         });
  }

  /// The same for the broker that creates and deletes topics.
  template <typename T, typename Then> void with_controller(const JobPtr<T>& job, Then then) {
    if (brokers_.contains(controller_)) return then(node_at(brokers_.at(controller_)));
    load(std::vector<std::string>{}, false, [this, job, then = std::move(then)](Result<Cluster> now) mutable {
      if (!now) return finish<T>(job, std::unexpected(std::move(now).error()));
      if (brokers_.contains(controller_)) return then(node_at(brokers_.at(controller_)));
      finish<T>(job, fail(ErrorCode::LeaderNotAvailable, "the cluster has no controller at the moment"));
    });
  }

  /// The same for the broker that keeps a group.
  template <typename T, typename Then>
  void with_coordinator(const JobPtr<T>& job, const std::string& group, Then then) {
    if (const auto known = coordinators_.find(group); known != coordinators_.end())
      return then(node_at(known->second));
    find_coordinator(group, [this, job, then = std::move(then)](Result<os::Endpoint> at) mutable {
      if (!at) return finish<T>(job, std::unexpected(std::move(at).error()));
      then(node_at(*at));
    });
  }
  /// After an error of a group's coordinator that another one may not have.
  void doubt_coordinator(ErrorCode code, const std::string& group) {
    if (error_retriable(code)) coordinators_.erase(group);
  }

  /// The connection to a broker that load() has named.
  Node& broker(const Broker& broker) { return node_at(broker.at); }

  /// One Metadata request to whoever answers.
  void load(std::optional<std::vector<std::string>> topics, bool create, Done<Cluster> done);
  /// After an error that may mean that what is known about the topic, or the controller, is outdated.
  void doubt(ErrorCode code, const std::string& topic);
  Node& any_node();
  const Options& options() const { return options_; }

 private:
  template <typename T> void try_at(const JobPtr<T>& job, Instant at) {
    job->timer->set(at, [weak = std::weak_ptr<TypedJob<T>>{job}] {
      if (auto again = weak.lock()) again->attempt(again);
    });
  }
  Node& node_at(const os::Endpoint& at);
  void find_coordinator(const std::string& group, Done<os::Endpoint> done);
  const Partition* known_partition(const std::string& topic, std::int32_t partition) const;
  static Error why_unknown(const Cluster& now, const std::string& topic, std::int32_t partition);
  void remember(const Cluster& cluster);
  void drop_unused_nodes();

  os::Loop& loop_;
  os::Net& net_;
  os::Random& random_;
  const Options options_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;  // by "host:port"
  std::map<std::int32_t, os::Endpoint> brokers_;
  std::int32_t controller_ = -1;
  std::map<std::string, os::Endpoint> coordinators_;  // by group
  std::map<std::string, Topic> topics_;               // those without an error
  std::size_t next_server_ = 0;
  std::vector<std::shared_ptr<Job>> jobs_;
};

/// "message", or the code's own sentence: the detail of an error that a server reported.
inline Error server_error(std::int16_t wire, const std::optional<std::string>& message, std::string about) {
  std::string detail = std::move(about);
  if (message && !message->empty())
    detail += ": " + *message;
  else
    detail += ": " + std::string{error_text(error_from_wire(wire))};
  return {error_from_wire(wire), std::move(detail)};
}

}  // namespace ledge::client
