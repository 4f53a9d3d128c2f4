// SPDX-License-Identifier: Apache-2.0
// Bytes of a stranger as any message in any version, and as a whole frame. What is read can be written, sized
// and printed, and reads back as the same message. The first four bytes say which message: key, kind (0
// request, 1 response, 2 header, 3 the rest is a frame with its header), version; what does not exist is
// taken for something that does.
#include <cstdlib>

#include "base/limits.h"
#include "wire/kafka/messages/all.h"
#include "wire/kafka/messages/headers.h"

using namespace ledge;
using namespace ledge::kafka;

namespace {

constexpr std::size_t kFrontBytes = 4;
constexpr std::uint8_t kFrame = 3;

void require(bool condition) {
  if (!condition) std::abort();
}

SharedBytes flat(const Chain& chain) {
  Bytes out;
  for (const ChainPiece& piece : chain.pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    out.insert(out.end(), view.begin(), view.end());
  }
  return SharedBytes::take(std::move(out));
}

void look_at(const MessageInfo& message, std::int16_t version, const SharedBytes& body) {
  const declare::Struct& declaration = message.declaration();
  const declare::Format format = message.api.format(version);
  const auto read = message.make();
  std::size_t left_over = 0;
  const auto done = declare::decode(declaration, read.get(), body, format, &left_over);
  require(declare::print(declaration, read.get(), version).size() <=
          static_cast<std::size_t>(limits::log_message_bytes_max) + 3);
  if (!done) {
    require(!done.error().detail.empty());
    return;
  }
  require(left_over <= body.size());
  const SharedBytes written = flat(declare::encode(declaration, read.get(), format));
  require(written.size() == declare::encoded_size(declaration, read.get(), format));
  require(written.size() <= body.size() - left_over);
  const auto again = message.make();
  require(declare::decode(declaration, again.get(), written, format, &left_over).has_value());
  require(left_over == 0);
  require(declare::equal(declaration, read.get(), again.get()));
}

const MessageInfo& find(std::int16_t key, std::uint8_t kind) {
  const auto messages = all_messages();
  for (const MessageInfo& message : messages) {
    if (message.api.key == key && static_cast<std::uint8_t>(message.kind) == kind) return message;
  }
  return messages[static_cast<std::size_t>(key + kind) % messages.size()];
}

void look_at_frame(const SharedBytes& frame) {
  std::size_t header_bytes = 0;
  const auto header = decode_request_header(frame, &header_bytes);
  if (!header) return;
  require(header_bytes <= frame.size());
  const Api* api = find_api(header->api_key);
  if (api == nullptr || !api->serves(header->api_version)) return;
  look_at(find(api->key, static_cast<std::uint8_t>(MessageKind::Request)), header->api_version,
          frame.sub(header_bytes, frame.size() - header_bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kFrontBytes) return 0;
  const SharedBytes rest = SharedBytes::copy({data + kFrontBytes, size - kFrontBytes});
  if (data[2] == kFrame) {
    look_at_frame(rest);
    return 0;
  }
  const MessageInfo& message = find(load_be<std::uint16_t>(data) & 0x7fff, data[2]);
  const int versions = message.api.max_version - message.api.min_version + 1;
  const int version = message.api.serves(data[3]) ? data[3] : message.api.min_version + data[3] % versions;
  look_at(message, static_cast<std::int16_t>(version), rest);
  return 0;
}
