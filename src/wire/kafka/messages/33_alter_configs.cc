// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/33_alter_configs.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& AlterConfigsRequest::AlterableConfig::declaration() {
  using T = AlterableConfig;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The entry's key."),
      field<&T::value>("Value", "0+", "The entry's value.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("AlterableConfig", rows);
  return self;
}

const declare::Struct& AlterConfigsRequest::AlterConfigsResource::declaration() {
  using T = AlterConfigsResource;
  static constexpr std::array rows{
      field<&T::resource_type>("ResourceType", "0+",
                               "2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group."),
      field<&T::resource_name>("ResourceName", "0+", "The topic's name or the broker's id."),
      field<&T::configs>("Configs", "0+", "All entries that there shall be."),
  };
  static constexpr auto self = structure<T>("AlterConfigsResource", rows);
  return self;
}

const declare::Struct& AlterConfigsRequest::declaration() {
  using T = AlterConfigsRequest;
  static constexpr std::array rows{
      field<&T::resources>("Resources", "0+", "The resources, each once."),
      field<&T::validate_only>("ValidateOnly", "0+", "Whether to check without changing anything."),
  };
  static constexpr auto self = structure<T>("AlterConfigsRequest", rows);
  return self;
}

const declare::Struct& AlterConfigsResponse::AlterConfigsResourceResponse::declaration() {
  using T = AlterConfigsResourceResponse;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::resource_type>("ResourceType", "0+",
                               "2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group."),
      field<&T::resource_name>("ResourceName", "0+", "The topic's name or the broker's id."),
  };
  static constexpr auto self = structure<T>("AlterConfigsResourceResponse", rows);
  return self;
}

const declare::Struct& AlterConfigsResponse::declaration() {
  using T = AlterConfigsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::responses>("Responses", "0+", "One result per resource."),
  };
  static constexpr auto self = structure<T>("AlterConfigsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
