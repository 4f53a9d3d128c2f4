// SPDX-License-Identifier: Apache-2.0
#include "journal/recovery.h"

namespace ledge::journal {

Result<std::shared_ptr<WriteState>> prepare_segment(os::Directory& directory, const Preparation& what) {
  SegmentHeader header;
  header.flags = !what.spare || what.spare->fresh ? SegmentHeader::kFresh : 0;
  header.features_required = kGaps;
  header.journal_id = what.journal_id;
  header.sequence = what.sequence;
  header.base_position = what.base;
  header.size = what.size;
  header.salt = what.salt;
  Bytes page;
  auto state = std::make_shared<WriteState>();
  state->chain = header.encode(&page);
  state->size = what.size;

  // The header is durable before the file gets its name: a segment of that name always has one.
  std::string from = what.spare ? spare_name(what.spare->sequence) : kPreparingName;
  std::shared_ptr<os::File> file;
  if (what.spare) {
    TRY(file, directory.open(from));
    state->written_end = what.spare->fresh ? kFirstFrameAt : what.size;
  } else {
    auto created = directory.create(from);
    if (!created && created.error().code == ErrorCode::InUse) {  // left over from an earlier attempt
      TRY_VOID(directory.remove(from));
      created = directory.create(from);
    }
    TRY(file, std::move(created));
    if (auto allocated = file->allocate(what.size); !allocated) {
      file.reset();
      (void)directory.remove(from);
      return std::unexpected(allocated.error());
    }
    state->written_end = kFirstFrameAt;
  }
  std::vector<ByteView> pieces{page};
  if (what.zeros_ahead) state->written_end += add_zeros_ahead(&pieces, kFirstFrameAt, what.size);
  TRY_VOID(file->write_at(0, pieces));
  TRY_VOID(file->sync());
  TRY_VOID(directory.rename(from, segment_name(what.sequence)));
  TRY_VOID(directory.sync_names());
  state->file = std::make_shared<SegmentFile>(std::move(file), what.base, what.salt);
  return state;
}

}  // namespace ledge::journal
