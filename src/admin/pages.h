// SPDX-License-Identifier: Apache-2.0
// What the HTTP listener shows: /healthz, /readyz, /metrics.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/http_server.h"
#include "base/result.h"

namespace ledge::admin {

/// Asked at every request, on the loop.
struct PageSources {
  /// None while records are accepted, else why not.
  std::function<Error()> health;
  /// The Prometheus text.
  std::function<std::string()> metrics;
};

/// /healthz is 200 as long as the loop answers; /readyz is 503 with the reason when no record is accepted.
HttpServer::Page pages(PageSources sources);

}  // namespace ledge::admin
