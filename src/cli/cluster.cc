// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster.h"

#include "cli/version.h"
#include "config/listeners.h"

namespace ledge::cli {

Result<std::unique_ptr<ClusterSession>> ClusterSession::open(const Args& args) {
  constexpr std::string_view kDefault = "127.0.0.1:9092";
  std::string servers = args.text("bootstrap");
  if (servers.empty()) servers = os::environment("LEDGE_BOOTSTRAP").value_or(std::string{kDefault});

  client::Options options;
  std::string_view rest = servers;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    TRY(auto at, config::parse_endpoint(rest.substr(0, comma)));
    if (config::is_wildcard(at.host)) at.host = "127.0.0.1";
    options.bootstrap.push_back(std::move(at));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (options.bootstrap.empty()) return fail(ErrorCode::BadOption, "no server is given");
  options.client_id = "ledge-cli";
  options.software_version = build_info().version;
  options.operation_timeout = std::chrono::seconds{args.number("timeout")};
  options.request_timeout = options.operation_timeout;
  options.connect_timeout = std::min(options.connect_timeout, options.operation_timeout);

  auto session = std::make_unique<ClusterSession>();
  session->env_ = os::make_real();
  session->client_ = std::make_unique<client::Client>(*session->env_.loop, *session->env_.net,
                                                      *session->env_.random, std::move(options));
  return session;
}

}  // namespace ledge::cli
