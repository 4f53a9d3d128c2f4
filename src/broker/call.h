// SPDX-License-Identifier: Apache-2.0
// One request on its way through a handler, and what handlers work with. Private to broker/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "broker/broker.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::broker {

class FetchSessions;
class Groups;
class ParkedCalls;

/// What all handlers share. Outlives every call.
struct Services {
  os::Env env;
  store::Store& store;
  const Options& options;
  /// Records that were copied into answers and that peers have not taken; apart from the requests' memory, so
  /// that slow readers cannot keep requests out.
  std::shared_ptr<Budget> copies;
  FetchSessions& sessions;
  ParkedCalls& parked;
  Groups& groups;
  Stats& stats;

  std::int32_t node_id() const { return store.identity().node_id; }
  bool stopping = false;
};

/// A request with its answer still owed. Moves along with whatever the handler waits for.
class Call {
 public:
  Call(Services& services, std::size_t row, kafka::RequestHeader header, Request request, Reply reply);
  Call(Call&&) = default;
  Call& operator=(Call&&) = default;

  std::int16_t version() const { return header_.api_version; }
  const kafka::RequestHeader& header() const { return header_; }
  const Listener& listener() const { return *request_.listener; }
  /// As Kafka names it in group descriptions: "/", then the address.
  std::string client_host() const { return "/" + reply_.peer().host; }
  ConnectionId connection() const { return request_.connection; }

  /// The body; empty once a handler has let go of the frame, which a parked call has to.
  const SharedBytes& body() const { return body_; }
  void set_body(SharedBytes body) { body_ = std::move(body); }
  void release_frame() { body_ = {}, request_.frame = {}; }

  /// The code for the wire, counted.
  std::int16_t code(ErrorCode error);

  template <class Response> void send(const Response& response) {
    send_encoded(kafka::encode(response, version(), front()));
  }
  /// In another version than the request's; for ApiVersions, which clients ask before they know our versions.
  template <class Response> void send_in_version(const Response& response, std::int16_t version) {
    send_encoded(kafka::encode(response, version, front()));
  }
  /// There is no answer to this request (acks=0); refuse_late() can still be called.
  void send_nothing();
  void refuse(std::string_view why, const std::string& detail = {}) { reply_.refuse(why, detail); }
  void refuse_late(std::string_view why, const std::string& detail) { reply_.refuse_late(why, detail); }
  void abandon() { reply_.abandon(); }

 private:
  /// What stands before the body: the length, set at last, and the header.
  Bytes front() const;
  void send_encoded(Chain response);
  void count_time();

  Services* services_;
  std::size_t row_;
  kafka::RequestHeader header_;
  Request request_;
  SharedBytes body_;
  Reply reply_;
  Instant began_;
};

/// A call that waits for something else than the disk.
class ParkedCall {
 public:
  virtual ~ParkedCall() = default;
  virtual ConnectionId connection() const = 0;
  /// Answers now with what there is.
  virtual void finish() = 0;
  /// Forgets the call without an answer: its connection is gone.
  virtual void drop() = 0;
};

/// Owns what is parked.
class ParkedCalls {
 public:
  void add(std::shared_ptr<ParkedCall> call);
  void remove(const ParkedCall* call);
  void drop_connection(ConnectionId connection);
  void finish_all();
  void drop_all();
  std::size_t size() const { return calls_.size(); }

 private:
  std::multimap<ConnectionId, std::shared_ptr<ParkedCall>> calls_;
};

}  // namespace ledge::broker
