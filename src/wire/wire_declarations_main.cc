// SPDX-License-Identifier: Apache-2.0
// What else is made from the declared messages: their definitions as Kafka writes them down
// (tools/check_wire.py), docs/reference/wire.md, and the seeds of request_decode_fuzz
// (tools/make_request_seeds.sh).
#include <cstdio>
#include <cstring>
#include <set>

#include "wire/kafka/messages/all.h"
#include "wire/kafka/messages/random_message.h"

using namespace ledge;
using namespace ledge::kafka;

namespace {

std::string hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

/// A line a seed, "name hexadecimal": each message in its first, first flexible and last version.
std::string seeds() {
  std::string out;
  for (const MessageInfo& message : all_messages()) {
    std::set<std::int16_t> versions{message.api.min_version, message.api.max_version};
    if (message.api.serves(message.api.first_flexible)) versions.insert(message.api.first_flexible);
    for (const std::int16_t version : versions) {
      const auto value = message.make();
      RandomMessage(static_cast<std::uint64_t>(version)).fill(message.declaration(), value.get(), version);
      ByteWriter seed;
      seed.be(message.api.key);
      seed.be(static_cast<std::uint8_t>(message.kind));
      seed.be(static_cast<std::uint8_t>(version));
      const Chain body = declare::encode(message.declaration(), value.get(), message.api.format(version));
      for (const ChainPiece& piece : body.pieces()) seed.bytes(std::get<SharedBytes>(piece).view());
      out += std::string{message.declaration().name} + "-v" + std::to_string(version) + " " +
             hex(seed.view()) + "\n";
    }
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const char* what = argc == 2 ? argv[1] : "";
  std::string out;
  if (std::strcmp(what, "json") == 0) out = wire_definitions();
  if (std::strcmp(what, "markdown") == 0) out = wire_reference();
  if (std::strcmp(what, "seeds") == 0) out = seeds();
  if (out.empty()) {
    std::fputs("usage: wire_declarations json|markdown|seeds\n", stderr);
    return 2;
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 1;
}
