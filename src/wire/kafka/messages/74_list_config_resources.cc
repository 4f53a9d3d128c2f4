// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/74_list_config_resources.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ListConfigResourcesRequest::declaration() {
  using T = ListConfigResourcesRequest;
  static constexpr std::array rows{
      field<&T::resource_types>("ResourceTypes", "1+", "The types to list, none for all."),
  };
  static constexpr auto self = structure<T>("ListConfigResourcesRequest", rows);
  return self;
}

const declare::Struct& ListConfigResourcesResponse::ConfigResource::declaration() {
  using T = ConfigResource;
  static constexpr std::array rows{
      field<&T::resource_name>("ResourceName", "0+", "The resource's name."),
      field<&T::resource_type>("ResourceType", "1+",
                               "2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("ConfigResource", rows);
  return self;
}

const declare::Struct& ListConfigResourcesResponse::declaration() {
  using T = ListConfigResourcesResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::config_resources>("ConfigResources", "0+", "The resources that have configurations."),
  };
  static constexpr auto self = structure<T>("ListConfigResourcesResponse", rows);
  return self;
}

}  // namespace ledge::kafka
