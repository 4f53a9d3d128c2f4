// SPDX-License-Identifier: Apache-2.0
// A hostile server: the input is cut into answers, each sent to whatever the client asked next, under a
// header that fits so that the bodies are reached. Every operation must be answered exactly once, with
// whatever result.
#include <cstdlib>

#include "client/client.h"
#include "client/testing.h"

using namespace ledge;
using namespace ledge::client;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct World {
  World() {
    Options options;
    options.bootstrap = {{"a", 1}};
    options.operation_timeout = 3s;
    options.request_timeout = 1s;
    options.response_bytes_max = 1 << 20;
    client = std::make_unique<Client>(loop, net, random, options);
  }

  template <typename T> Done<T> count() {
    ++asked;
    return [this, here = std::make_shared<bool>(false)](Result<T>) {
      require(!std::exchange(*here, true));
      ++answered;
    };
  }
  void ask_everything() {
    client->cluster(std::nullopt, false, count<Cluster>());
    client->topic("t", true, count<Topic>());
    client->create_topic({.name = "n"}, count<Uuid>());
    client->delete_topic("n", count<void>());
    client->topic_configs("t", count<std::vector<TopicConfigEntry>>());
    client->list_offset("t", 0, Client::kLatest, true, count<ListedOffset>());
    client->init_producer_id(count<ProducerIdentity>());
    client->produce({"t", 0, -1}, SharedBytes::copy(as_bytes("not looked at")), count<Produced>());
    client->fetch({.topic = "t"}, count<Fetched>());
  }

  FakeLoop loop;
  FakeNet net{loop};
  FakeRandom random;
  std::unique_ptr<Client> client;
  int asked = 0;
  int answered = 0;
};

/// One answer's body: a length byte pair and so many bytes.
Bytes next_body(ByteReader& in) {
  const std::size_t n = std::min<std::size_t>(in.le<std::uint16_t>() % 1024, in.remaining());
  const ByteView body = in.take(n);
  return {body.begin(), body.end()};
}

void answer(Peer& peer, const Peer::Asked& asked, ByteReader& in) {
  ByteWriter out;
  out.be<std::int32_t>(0);
  kafka::encode_response_header(out, asked.header.correlation_id, asked.header.api_key,
                                asked.header.api_version);
  if (asked.header.api_key == kafka::ApiVersionsRequest::api.key) {
    const Chain body = kafka::encode(versions(), asked.header.api_version);
    for (const ChainPiece& p : body.pieces()) out.bytes(std::get<SharedBytes>(p).view());
  } else {
    out.bytes(next_body(in));
  }
  store_be(out.at(0), static_cast<std::int32_t>(out.size() - 4));
  peer.send(out.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in{ByteView{data, size}};
  World world;
  world.ask_everything();
  for (int step = 0; step < 64 && in.remaining() > 0; ++step) {
    world.loop.pass(20ms);
    for (std::size_t i = 0; i < world.net.peers.size(); ++i) {
      const std::shared_ptr<Peer> peer = world.net.peers[i];
      while (peer->open && peer->handler != nullptr) {
        const auto asked = peer->next();
        if (!asked) break;
        answer(*peer, *asked, in);
      }
    }
  }
  world.loop.pass(60s);
  require(world.answered == world.asked);
  return 0;
}
