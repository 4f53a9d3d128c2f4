// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge::config {

/// One setting of a YAML file: nested maps are joined by dots, so `log: {retention: {ms: 1}}` is
/// `log.retention.ms`.
struct YamlEntry {
  std::string key;
  std::vector<std::string> values;  // one, unless `is_list`
  bool is_list = false;
  int line = 0;  // of the value, from 1
};

/// The settings of one document, in its order. Text only: `no`, `1e3` and dates stay what was written.
/// Anchors, aliases, tags, keys that are not plain text, and lists of anything but scalars are refused; so
/// are a key given twice and a value that is missing. The error's detail begins with "NAME:LINE: ".
Result<std::vector<YamlEntry>> flatten_yaml(std::string_view text, std::string_view name);

}  // namespace ledge::config
