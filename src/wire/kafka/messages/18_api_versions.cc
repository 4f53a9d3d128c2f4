// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/18_api_versions.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ApiVersionsRequest::declaration() {
  using T = ApiVersionsRequest;
  static constexpr std::array rows{
      field<&T::client_software_name>("ClientSoftwareName", "3+", "The client library.").ignorable(),
      field<&T::client_software_version>("ClientSoftwareVersion", "3+", "The client library's version.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("ApiVersionsRequest", rows);
  return self;
}

const declare::Struct& ApiVersionsResponse::ApiVersion::declaration() {
  using T = ApiVersion;
  static constexpr std::array rows{
      field<&T::api_key>("ApiKey", "0+", "The API's key."),
      field<&T::min_version>("MinVersion", "0+", "The lowest version."),
      field<&T::max_version>("MaxVersion", "0+", "The highest version."),
  };
  static constexpr auto self = structure<T>("ApiVersion", rows);
  return self;
}

const declare::Struct& ApiVersionsResponse::SupportedFeatureKey::declaration() {
  using T = SupportedFeatureKey;
  static constexpr std::array rows{
      field<&T::name>("Name", "3+", "The feature's name."),
      field<&T::min_version>("MinVersion", "3+", "The lowest supported level."),
      field<&T::max_version>("MaxVersion", "3+", "The highest supported level."),
  };
  static constexpr auto self = structure<T>("SupportedFeatureKey", rows);
  return self;
}

const declare::Struct& ApiVersionsResponse::FinalizedFeatureKey::declaration() {
  using T = FinalizedFeatureKey;
  static constexpr std::array rows{
      field<&T::name>("Name", "3+", "The feature's name."),
      field<&T::max_version_level>("MaxVersionLevel", "3+", "The highest level in force."),
      field<&T::min_version_level>("MinVersionLevel", "3+", "The lowest level in force."),
  };
  static constexpr auto self = structure<T>("FinalizedFeatureKey", rows);
  return self;
}

const declare::Struct& ApiVersionsResponse::declaration() {
  using T = ApiVersionsResponse;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::api_keys>("ApiKeys", "0+", "The APIs that the server understands."),
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::supported_features>("SupportedFeatures", "3+", "The features that this broker supports.")
          .tagged(0, "3+")
          .ignorable(),
      field<&T::finalized_features_epoch>("FinalizedFeaturesEpoch", "3+",
                                          "Grows with every change of the finalised features, -1 if unknown.")
          .tagged(1, "3+")
          .ignorable(),
      field<&T::finalized_features>("FinalizedFeatures", "3+", "The features in force in the cluster.")
          .tagged(2, "3+")
          .ignorable(),
      field<&T::zk_migration_ready>("ZkMigrationReady", "3+", "Left from the migration off ZooKeeper.")
          .tagged(3, "3+")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("ApiVersionsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
