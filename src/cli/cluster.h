// SPDX-License-Identifier: Apache-2.0
// What the commands that talk to a running server share: where it is, and waiting for its answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "cli/args.h"
#include "client/client.h"
#include "os/system.h"

namespace ledge::cli {

inline constexpr Flag kBootstrapFlag{
    .name = "bootstrap",
    .letter = 'b',
    .kind = FlagKind::Text,
    .value = "HOST:PORT[,...]",
    .help = "Servers to start from; also by LEDGE_BOOTSTRAP [127.0.0.1:9092]"};
inline constexpr Flag kTimeoutFlag{.name = "timeout",
                                   .kind = FlagKind::Number,
                                   .value = "SECONDS",
                                   .help = "How long to try",
                                   .fallback = "10",
                                   .min = 1,
                                   .max = 86400};
inline constexpr Flag kJsonFlag{.name = "json", .letter = 'J', .help = "JSON, for programs"};

inline int wrong_usage(const Streams& io, const Error& error) {
  io.failed(error.detail);
  return kWrongUsage;
}

/// A client and the loop it runs on. Signals keep their usual effect: these commands hold nothing that an
/// interrupt could damage.
class ClusterSession {
 public:
  /// From the command's flags (kBootstrapFlag, kTimeoutFlag); BadOption for an address that is none.
  static Result<std::unique_ptr<ClusterSession>> open(const Args& args);

  client::Client& client() { return *client_; }
  os::Env env() { return env_.env(); }

  /// Starts an operation and runs the loop until it has answered.
  template <typename T> Result<T> wait(const std::function<void(client::Done<T>)>& start) {
    std::optional<Result<T>> answer;
    const auto answered = [&](Result<T> result) {
      answer = std::move(result);
      env_.loop->stop();
    };
    env_.loop->post([&] { start(answered); });  // inside the loop, where its clock is right
    while (!answer) env_.loop->run();
    return *std::move(answer);
  }

 private:
  os::RealEnv env_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace ledge::cli
