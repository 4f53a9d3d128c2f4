// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/32_describe_configs.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeConfigsRequest::DescribeConfigsResource::declaration() {
  using T = DescribeConfigsResource;
  static constexpr std::array rows{
      field<&T::resource_type>("ResourceType", "0+",
                               "2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group."),
      field<&T::resource_name>("ResourceName", "0+", "The topic's name or the broker's id."),
      field<&T::configuration_keys>("ConfigurationKeys", "0+", "The keys to tell, null for all.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("DescribeConfigsResource", rows);
  return self;
}

const declare::Struct& DescribeConfigsRequest::declaration() {
  using T = DescribeConfigsRequest;
  static constexpr std::array rows{
      field<&T::resources>("Resources", "0+", "What to describe."),
      field<&T::include_synonyms>("IncludeSynonyms", "1+",
                                  "Whether to tell where else a value could come from."),
      field<&T::include_documentation>("IncludeDocumentation", "3+", "Whether to explain each key."),
  };
  static constexpr auto self = structure<T>("DescribeConfigsRequest", rows);
  return self;
}

const declare::Struct& DescribeConfigsResponse::DescribeConfigsSynonym::declaration() {
  using T = DescribeConfigsSynonym;
  static constexpr std::array rows{
      field<&T::name>("Name", "1+", "The key that a value may come from."),
      field<&T::value>("Value", "1+", "The entry's value.").nullable("0+"),
      field<&T::source>("Source", "1+", "Where this value comes from."),
  };
  static constexpr auto self = structure<T>("DescribeConfigsSynonym", rows);
  return self;
}

const declare::Struct& DescribeConfigsResponse::DescribeConfigsResourceResult::declaration() {
  using T = DescribeConfigsResourceResult;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The entry's key."),
      field<&T::value>("Value", "0+", "The entry's value.").nullable("0+"),
      field<&T::read_only>("ReadOnly", "0+", "Whether the entry cannot be changed."),
      field<&T::config_source>("ConfigSource", "1+", "Where the value comes from.").ignorable(),
      field<&T::is_sensitive>("IsSensitive", "0+", "Whether the value is a secret and not told."),
      field<&T::synonyms>("Synonyms", "1+", "The places a value may come from, the strongest first.")
          .ignorable(),
      field<&T::config_type>("ConfigType", "3+", "The entry's type.").ignorable(),
      field<&T::documentation>("Documentation", "3+", "The entry's meaning.").nullable("0+").ignorable(),
  };
  static constexpr auto self = structure<T>("DescribeConfigsResourceResult", rows);
  return self;
}

const declare::Struct& DescribeConfigsResponse::DescribeConfigsResult::declaration() {
  using T = DescribeConfigsResult;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::resource_type>("ResourceType", "0+",
                               "2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group."),
      field<&T::resource_name>("ResourceName", "0+", "The topic's name or the broker's id."),
      field<&T::configs>("Configs", "0+", "The configuration entries."),
  };
  static constexpr auto self = structure<T>("DescribeConfigsResult", rows);
  return self;
}

const declare::Struct& DescribeConfigsResponse::declaration() {
  using T = DescribeConfigsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::results>("Results", "0+", "One result per resource."),
  };
  static constexpr auto self = structure<T>("DescribeConfigsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
