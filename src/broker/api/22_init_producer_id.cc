// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/22_init_producer_id.h"

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

/// There are no transactions yet. FindCoordinator, which a transactional producer asks first, tells it so for
/// good; who comes here all the same gets what Apache Kafka answers while its transaction coordinator is
/// away.
ErrorCode check(const InitProducerIdRequest& request) {
  constexpr std::int64_t kNone = -1;
  if ((request.producer_id == kNone) != (request.producer_epoch == kNone)) return ErrorCode::InvalidRequest;
  if (!request.transactional_id) return ErrorCode::None;
  return request.transactional_id->empty() ? ErrorCode::InvalidRequest : ErrorCode::CoordinatorNotAvailable;
}

}  // namespace

void init_producer_id(Services& services, Call call) {
  auto request = decode_or_refuse<InitProducerIdRequest>(services, call);
  if (!request) return;
  if (const ErrorCode error = check(*request); error != ErrorCode::None) {
    InitProducerIdResponse response;
    response.error_code = call.code(error);
    response.producer_epoch = -1;
    return call.send(response);
  }
  // A producer that names the id it had gets a new one too, as from Apache Kafka: only transactional ids keep
  // theirs.
  services.store.new_producer_id([call = std::move(call)](store::ProducerId producer) mutable {
    InitProducerIdResponse response;
    response.error_code = call.code(producer.error.code);
    response.producer_id = producer.id;
    response.producer_epoch = producer.epoch;
    call.send(response);
  });
}

}  // namespace ledge::broker
