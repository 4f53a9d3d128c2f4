// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>

#include "base/check.h"
#include "os/real_loop.h"
#include "os/system.h"

namespace ledge::os {

void on_stop_signal(Loop& loop, std::function<void(int signal)> stop) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of its connection
  std::signal(SIGXFSZ, SIG_IGN);  // so that a file size limit is a failed write
  auto* real = dynamic_cast<RealLoop*>(&loop);
  CHECK(real != nullptr);
  auto signals = std::make_shared<boost::asio::signal_set>(real->context(), SIGTERM, SIGINT);
  real->keep(signals);
  signals->async_wait([real, set = signals.get(), stop = std::move(stop)](const auto& error, int signal) {
    if (error) return;
    boost::system::error_code ignored;
    set->clear(ignored);  // the next one has its default effect: it ends the process
    real->begin_callback();
    stop(signal);
  });
}

}  // namespace ledge::os
