// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/22_init_producer_id.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& InitProducerIdRequest::declaration() {
  using T = InitProducerIdRequest;
  static constexpr std::array rows{
      field<&T::transactional_id>("TransactionalId", "0+",
                                  "The producer's transactional id, null without transactions.")
          .nullable("0+"),
      field<&T::transaction_timeout_ms>("TransactionTimeoutMs", "0+",
                                        "After how long an idle transaction is aborted."),
      field<&T::producer_id>("ProducerId", "3+", "The id to go on with, -1 for a new one."),
      field<&T::producer_epoch>("ProducerEpoch", "3+", "The epoch to go on from, -1 for a new id."),
  };
  static constexpr auto self = structure<T>("InitProducerIdRequest", rows);
  return self;
}

const declare::Struct& InitProducerIdResponse::declaration() {
  using T = InitProducerIdResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::producer_id>("ProducerId", "0+", "The producer's id."),
      field<&T::producer_epoch>("ProducerEpoch", "0+", "The producer's epoch."),
  };
  static constexpr auto self = structure<T>("InitProducerIdResponse", rows);
  return self;
}

}  // namespace ledge::kafka
