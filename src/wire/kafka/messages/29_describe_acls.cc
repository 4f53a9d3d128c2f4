// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/29_describe_acls.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeAclsRequest::declaration() {
  using T = DescribeAclsRequest;
  static constexpr std::array rows{
      field<&T::resource_type_filter>(
          "ResourceTypeFilter", "0+",
          "1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user."),
      field<&T::resource_name_filter>("ResourceNameFilter", "0+", "The name, null for any.").nullable("0+"),
      field<&T::pattern_type_filter>("PatternTypeFilter", "1+", "1 any, 2 match, 3 literal, 4 prefixed."),
      field<&T::principal_filter>("PrincipalFilter", "0+", "The principal, null for any.").nullable("0+"),
      field<&T::host_filter>("HostFilter", "0+", "The host, null for any.").nullable("0+"),
      field<&T::operation>("Operation", "0+", "The code of the operation; 1 any in a filter."),
      field<&T::permission_type>("PermissionType", "0+", "1 any, 2 deny, 3 allow."),
  };
  static constexpr auto self = structure<T>("DescribeAclsRequest", rows);
  return self;
}

const declare::Struct& DescribeAclsResponse::AclDescription::declaration() {
  using T = AclDescription;
  static constexpr std::array rows{
      field<&T::principal>("Principal", "0+", "Whom the rule is about."),
      field<&T::host>("Host", "0+", "From which host, * for any."),
      field<&T::operation>("Operation", "0+", "The code of the operation; 1 any in a filter."),
      field<&T::permission_type>("PermissionType", "0+", "1 any, 2 deny, 3 allow."),
  };
  static constexpr auto self = structure<T>("AclDescription", rows);
  return self;
}

const declare::Struct& DescribeAclsResponse::DescribeAclsResource::declaration() {
  using T = DescribeAclsResource;
  static constexpr std::array rows{
      field<&T::resource_type>("ResourceType", "0+", "The resource's type."),
      field<&T::resource_name>("ResourceName", "0+", "The resource's name or prefix."),
      field<&T::pattern_type>("PatternType", "1+", "3 literal, 4 prefixed."),
      field<&T::acls>("Acls", "0+", "The rules."),
  };
  static constexpr auto self = structure<T>("DescribeAclsResource", rows);
  return self;
}

const declare::Struct& DescribeAclsResponse::declaration() {
  using T = DescribeAclsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::resources>("Resources", "0+", "The resources that have matching rules."),
  };
  static constexpr auto self = structure<T>("DescribeAclsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
