// SPDX-License-Identifier: Apache-2.0
#include "broker/broker.h"

#include "broker/api/table.h"
#include "broker/call.h"
#include "broker/fetch_sessions.h"
#include "broker/groups.h"
#include "wire/kafka/messages/18_api_versions.h"

namespace ledge::broker {
namespace {
constexpr std::uint64_t kPartForCopies = 4;  // of the requests' memory
}

struct Broker::Parts {
  Parts(os::Env env, store::Store& store, Options given, const Budget& budget)
      : options(std::move(given)),
        sessions(options.fetch_sessions_max),
        groups(env, store),
        services{env,      store,  options, Budget::make(env.loop, budget.bytes_max() / kPartForCopies),
                 sessions, parked, groups,  stats} {
    for (const ApiRow& row : api_rows()) stats.apis.push_back({.key = row.api.key, .name = row.api.name});
  }

  const Options options;
  Stats stats;
  FetchSessions sessions;
  ParkedCalls parked;
  Groups groups;
  Services services;
};

Broker::Broker(os::Env env, store::Store& store, Options options, std::shared_ptr<Budget> budget)
    : parts_(std::make_unique<Parts>(env, store, std::move(options), *budget)) {}
Broker::~Broker() { parts_->parked.drop_all(); }

Overlap Broker::overlap(ByteView frame) const {
  ByteReader reader(frame);
  const auto row = find_api(reader.be<std::int16_t>());
  return reader.ok() && row ? api_rows()[*row].overlap : Overlap::Never;
}

void Broker::handle(Request request, Reply reply) {
  Stats& stats = parts_->stats;
  std::size_t header_bytes = 0;
  auto header = kafka::decode_request_header(request.frame, &header_bytes);
  if (!header) {
    ++stats.undecodable;
    return reply.refuse("a request header does not decode", header.error().text());
  }
  const auto named = [&] {
    return "api " + std::to_string(header->api_key) + " v" + std::to_string(header->api_version);
  };
  const auto row = find_api(header->api_key);
  if (!row) {
    ++stats.unknown_apis;
    return reply.refuse("an API that is not served was asked for", named());
  }
  const ApiRow& api = api_rows()[*row];
  const std::int16_t version = header->api_version;
  const bool served = api.api.serves(version);
  ++stats.apis[*row].requests;

  SharedBytes body = request.frame.sub(header_bytes, request.frame.size() - header_bytes);
  Call call(parts_->services, *row, std::move(*header), std::move(request), std::move(reply));
  call.set_body(std::move(body));
  if (served) return api.run(parts_->services, std::move(call));

  ++stats.unsupported_versions;
  if (api.api.key == kafka::ApiVersionsRequest::api.key) return api_versions_unsupported(std::move(call));
  call.refuse("a version that is not served was asked for", named());
}

void Broker::disconnected(ConnectionId connection) { parts_->parked.drop_connection(connection); }

void Broker::stop_waiting() {
  parts_->services.stopping = true;
  parts_->parked.finish_all();
  parts_->groups.stop();
}

Stats Broker::stats() const {
  Stats out = parts_->stats;
  out.copied_bytes = parts_->services.copies->used();
  out.parked = parts_->parked.size();
  out.fetch_sessions = parts_->sessions.size();
  out.fetch_session_partitions = parts_->sessions.partitions();
  out.fetch_sessions_evicted = parts_->sessions.evicted();
  return out;
}

}  // namespace ledge::broker
