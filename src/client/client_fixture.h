// SPDX-License-Identifier: Apache-2.0
// A client before a scripted cluster of two brokers, a:1 (id 1) and b:2 (id 2), for tests that play the
// servers by hand.
#pragma once

#include <gtest/gtest.h>

#include "client/client.h"
#include "client/testing.h"

namespace ledge::client {

class ClientFixture : public testing::Test {
 protected:
  explicit ClientFixture(Duration request_timeout = Options{}.request_timeout) {
    Options options;
    options.bootstrap = {{"a", 1}};
    options.operation_timeout = 20s;
    options.request_timeout = request_timeout;
    client = std::make_unique<Client>(loop, net, random, options);
  }

  /// What the servers say they know.
  virtual kafka::ApiVersionsResponse known() const { return versions(); }

  /// The next request at a server, versions negotiated on the way.
  Peer::Asked next_at(const std::string& server, std::int16_t key) {
    for (int i = 0; i < 100; ++i) {
      loop.settle();
      if (Peer* peer = net.to(server)) {
        while (auto asked = peer->next()) {
          if (asked->header.api_key == key) return *asked;
          CHECK(asked->header.api_key == 18);
          peer->answer(*asked, known());
          loop.settle();
        }
      }
      loop.pass(50ms);
    }
    ADD_FAILURE() << "no request " << key << " at " << server;
    std::abort();
  }
  template <typename M> void answer(const std::string& server, const Peer::Asked& asked, const M& message) {
    net.to(server)->answer(asked, message);
    loop.settle();
  }

  FakeLoop loop;
  FakeNet net{loop};
  FakeRandom random;
  std::unique_ptr<Client> client;
  std::string outcome;
};

}  // namespace ledge::client
