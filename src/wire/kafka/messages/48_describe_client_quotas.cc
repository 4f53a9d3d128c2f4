// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/48_describe_client_quotas.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeClientQuotasRequest::ComponentData::declaration() {
  using T = ComponentData;
  static constexpr std::array rows{
      field<&T::entity_type>("EntityType", "0+", "user, client-id or ip."),
      field<&T::match_type>("MatchType", "0+", "0 this name, 1 the default, 2 any name."),
      field<&T::match>("Match", "0+", "The name, null unless asked for one.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("ComponentData", rows);
  return self;
}

const declare::Struct& DescribeClientQuotasRequest::declaration() {
  using T = DescribeClientQuotasRequest;
  static constexpr std::array rows{
      field<&T::components>("Components", "0+", "The parts of the entities to tell of."),
      field<&T::strict>("Strict", "0+", "Whether entities with further parts are left out."),
  };
  static constexpr auto self = structure<T>("DescribeClientQuotasRequest", rows);
  return self;
}

const declare::Struct& DescribeClientQuotasResponse::EntityData::declaration() {
  using T = EntityData;
  static constexpr std::array rows{
      field<&T::entity_type>("EntityType", "0+", "user, client-id or ip."),
      field<&T::entity_name>("EntityName", "0+", "The name, null for the default.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("EntityData", rows);
  return self;
}

const declare::Struct& DescribeClientQuotasResponse::ValueData::declaration() {
  using T = ValueData;
  static constexpr std::array rows{
      field<&T::key>("Key", "0+", "The quota's key."),
      field<&T::value>("Value", "0+", "The quota's value."),
  };
  static constexpr auto self = structure<T>("ValueData", rows);
  return self;
}

const declare::Struct& DescribeClientQuotasResponse::EntryData::declaration() {
  using T = EntryData;
  static constexpr std::array rows{
      field<&T::entity>("Entity", "0+", "The parts of the entity."),
      field<&T::values>("Values", "0+", "The quotas."),
  };
  static constexpr auto self = structure<T>("EntryData", rows);
  return self;
}

const declare::Struct& DescribeClientQuotasResponse::declaration() {
  using T = DescribeClientQuotasResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::entries>("Entries", "0+", "The entities that have quotas, null on error.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("DescribeClientQuotasResponse", rows);
  return self;
}

}  // namespace ledge::kafka
