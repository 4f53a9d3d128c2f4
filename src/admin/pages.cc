// SPDX-License-Identifier: Apache-2.0
#include "admin/pages.h"

namespace ledge::admin {

HttpServer::Page pages(PageSources sources) {
  return [sources = std::move(sources)](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/healthz") return {.body = "ok\n"};
    if (request.path == "/readyz") {
      const Error health = sources.health();
      if (health.code == ErrorCode::None) return {.body = "ready\n"};
      return {.status = 503, .body = "not ready: " + health.text() + "\n"};
    }
    if (request.path == "/metrics") {
      return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = sources.metrics()};
    }
    if (request.path == "/") return {.body = "Ledge\n\n/healthz\n/readyz\n/metrics\n"};
    return {.status = 404, .body = "there is /healthz, /readyz and /metrics\n"};
  };
}

}  // namespace ledge::admin
