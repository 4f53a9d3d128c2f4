// SPDX-License-Identifier: Apache-2.0
// wire_declarations json|markdown: the declared messages as Kafka writes definitions down, for
// tools/check_wire.py, or as docs/reference/wire.md.
#include <cstdio>
#include <cstring>

#include "wire/kafka/messages/all.h"

int main(int argc, char** argv) {
  const char* format = argc == 2 ? argv[1] : "";
  std::string out;
  if (std::strcmp(format, "json") == 0) out = ledge::kafka::wire_definitions();
  if (std::strcmp(format, "markdown") == 0) out = ledge::kafka::wire_reference();
  if (out.empty()) {
    std::fputs("usage: wire_declarations json|markdown\n", stderr);
    return 2;
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 1;
}
