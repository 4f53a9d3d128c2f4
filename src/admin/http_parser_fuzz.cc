// SPDX-License-Identifier: Apache-2.0
// A stranger's bytes on the HTTP port, whole and in pieces: both ways the same requests come out.
#include <vector>

#include "admin/http_parser.h"
#include "base/check.h"

using namespace ledge;
using namespace ledge::admin;

namespace {

// Until a refusal: after it the connection is of no more use.
bool take(HttpParser& parser, std::vector<std::string>* out) {
  while (auto next = parser.next()) {
    if (const auto* refusal = std::get_if<HttpRefusal>(&*next)) {
      CHECK(refusal->status >= 400 && refusal->status < 600);
      out->push_back(std::to_string(refusal->status));
      return false;
    }
    const auto& request = std::get<HttpRequest>(*next);
    out->push_back(request.method + " " + request.path + "?" + request.query +
                   (request.keep_alive ? "k" : ""));
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 65536) return 0;
  const ByteView bytes{data + 1, size - 1};
  const std::size_t piece = 1 + data[0];
  std::vector<std::string> in_pieces;
  HttpParser parser;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.add(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    if (!take(parser, &in_pieces)) break;
  }
  std::vector<std::string> at_once;
  HttpParser other;
  other.add(bytes);
  take(other, &at_once);
  // A refusal may come earlier in one way than in the other; what was accepted is the same.
  for (std::size_t i = 0; i < std::min(in_pieces.size(), at_once.size()); ++i)
    CHECK(in_pieces[i] == at_once[i] || i + 1 == in_pieces.size() || i + 1 == at_once.size());
  return 0;
}
