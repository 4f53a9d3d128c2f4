// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/20_delete_topics.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DeleteTopicsRequest::DeleteTopicState::declaration() {
  using T = DeleteTopicState;
  static constexpr std::array rows{
      field<&T::name>("Name", "6+", "The topic's name.").nullable("6+"),
      field<&T::topic_id>("TopicId", "6+", "The topic's id."),
  };
  static constexpr auto self = structure<T>("DeleteTopicState", rows);
  return self;
}

const declare::Struct& DeleteTopicsRequest::declaration() {
  using T = DeleteTopicsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "6+", "The topics."),
      field<&T::topic_names>("TopicNames", "0-5", "The topics' names.").ignorable(),
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
  };
  static constexpr auto self = structure<T>("DeleteTopicsRequest", rows);
  return self;
}

const declare::Struct& DeleteTopicsResponse::DeletableTopicResult::declaration() {
  using T = DeletableTopicResult;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name.").nullable("6+"),
      field<&T::topic_id>("TopicId", "6+", "The topic's id.").ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "5+", "The error in words, or null.")
          .nullable("5+")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("DeletableTopicResult", rows);
  return self;
}

const declare::Struct& DeleteTopicsResponse::declaration() {
  using T = DeleteTopicsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::responses>("Responses", "0+", "One result per topic."),
  };
  static constexpr auto self = structure<T>("DeleteTopicsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
