// SPDX-License-Identifier: Apache-2.0
// The program's own records and snapshot parts, and the records of groups, which a restored or damaged data
// folder may hold anything in: refused or taken, never a crash; what was taken is written as it was read.
#include "base/check.h"
#include "state/groups/group_records.h"
#include "state/groups/subscription.h"
#include "state/identity.h"
#include "state/producers.h"
#include "state/topic_machine.h"

using namespace ledge;
using namespace ledge::state;

namespace {

void group_records(ByteView bytes) {
  if (auto key = decode_group_record_key(bytes)) {
    if (const auto* offset = std::get_if<OffsetKey>(&*key)) {
      const auto again = decode_group_record_key(encode_key(*offset));
      CHECK(again && *again == *key);
    }
  }
  if (auto offset = decode_committed_offset(bytes)) {
    const auto again = decode_committed_offset(encode_value(*offset));
    CHECK(again && again->offset == offset->offset && again->metadata == offset->metadata);
  }
  (void)decode_group(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 65536) return 0;
  const ByteView bytes{data + 2, size - 2};
  const std::uint8_t version = data[1] % 4;
  RecordReader reader{bytes};
  TopicMachine topics{{}, 1, 1024};
  IdentityMachine identity;
  switch (data[0] % 8) {
    case 0: group_records(bytes); break;
    case 1: (void)topics.load(reader); break;
    case 2: (void)topics.apply(RecordType::TopicCreated, version, reader); break;
    case 3: (void)topics.apply(RecordType::TopicDeleted, version, reader); break;
    case 4: (void)identity.load(reader); break;
    case 5: (void)identity.apply(RecordType::Identity, version, reader); break;
    case 6: (void)ProducerIdMachine{}.apply(version, reader); break;
    case 7: (void)Producers{}.load(reader, Instant{1'000'000'000}); break;
    default: break;
  }
  return 0;
}
