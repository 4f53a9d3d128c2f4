// SPDX-License-Identifier: Apache-2.0
// ledge journal info | dump | verify: reads a data folder as it lies there; changes nothing.
#include "journal/journal.h"

#include "base/crc32c.h"
#include "base/json.h"
#include "cli/commands.h"
#include "os/system.h"

namespace ledge::cli {
namespace {

using journal::EntryHeader;
using journal::EntryKind;
using journal::Inspection;

constexpr Flag kFolder{.name = "data",
                       .letter = 'd',
                       .kind = FlagKind::Text,
                       .value = "DIR",
                       .help = "The data folder",
                       .fallback = "./ledge-data"};
constexpr Flag kJson{.name = "json", .letter = 'j', .help = "JSON"};

std::string_view kind_name(EntryKind kind) {
  switch (kind) {
    case EntryKind::Append: return "append";
    case EntryKind::Relocated: return "relocated";
    case EntryKind::LogStart: return "log-start";
    case EntryKind::Truncate: return "truncate";
    case EntryKind::Drop: return "drop";
    case EntryKind::SnapshotPiece: return "snapshot";
    case EntryKind::IndexPiece: return "index";
  }
  return "unknown";
}

std::string number(std::uint64_t n) { return std::to_string(n); }

Result<Inspection> inspect(const Args& args, const journal::EntrySeen& seen,
                           const journal::IndexSeen& index = {}) {
  const std::string path = args.text("data");
  if (!os::folder_exists(path)) return fail(ErrorCode::NotFound, "there is no folder " + path);
  TRY(auto directory, os::open_directory(path));
  return journal::inspect(*directory, seen, index);
}

std::string snapshot_json(const Inspection::Segment& s) {
  using Snapshot = Inspection::Segment::Snapshot;
  std::string parts;
  for (const auto& p : s.snapshot_parts)
    parts += (parts.empty() ? "" : ",") +
             ("[" + number(p.tag) + "," + number(p.bytes) + "," + number(p.crc) + "]");
  const std::string_view state = s.snapshot == Snapshot::None      ? "none"
                                 : s.snapshot == Snapshot::Partial ? "partial"
                                                                   : "whole";
  return "{\"state\":" + json_string(state) + ",\"parts\":[" + parts + "]}";
}

std::string segment_json(const Inspection::Segment& s) {
  return "{\"file\":" + json_string(s.file) + ",\"sequence\":" + number(s.sequence) +
         ",\"base_position\":" + number(s.base_position) + ",\"used_bytes\":" + number(s.used_bytes) +
         ",\"frames\":" + number(s.frames) + ",\"entries\":" + number(s.entries) + ",\"state\":" +
         json_string(s.quarantined ? "quarantined"
                     : s.spare     ? "spare"
                     : s.sealed    ? "sealed"
                                   : "open") +
         ",\"snapshot\":" + snapshot_json(s) + ",\"index_pieces\":" + number(s.index_pieces) +
         ",\"index_rows\":" + number(s.index_rows) + ",\"problem\":" + json_string(s.problem) + "}";
}

std::string index_json(const journal::IndexedStream& s) {
  std::string rows;
  for (const auto& r : s.rows) {
    rows += (rows.empty() ? "[" : ",[") + std::to_string(r.first_offset) + "," +
            std::to_string(r.last_offset) + "," + std::to_string(r.max_timestamp) + "," + number(r.position) +
            "," + number(r.length) + "," + number(r.flags) + "]";
  }
  return "{\"file\":" + json_string(s.file) + ",\"index_piece\":" + number(s.piece) +
         ",\"stream\":" + number(static_cast<std::uint64_t>(s.stream)) + ",\"flags\":" + number(s.flags) +
         ",\"next_offset\":" + std::to_string(s.next_offset) +
         ",\"max_timestamp\":" + std::to_string(s.max_timestamp) +
         ",\"truncated_to\":" + std::to_string(s.truncated_to) + ",\"rows\":[" + rows + "]}\n";
}

std::string damage_json(const journal::Damage& d) {
  return "{\"stream\":" + number(static_cast<std::uint64_t>(d.stream)) +
         ",\"first_offset\":" + std::to_string(d.first_offset) +
         ",\"last_offset\":" + std::to_string(d.last_offset) + ",\"file\":" + json_string(d.file) +
         ",\"position\":" + number(d.position) + ",\"what\":" + json_string(d.what) + "}";
}

std::string inspection_json(const Inspection& i) {
  std::string segments, damage;
  for (const auto& s : i.segments) segments += (segments.empty() ? "" : ",") + segment_json(s);
  for (const auto& d : i.damage) damage += (damage.empty() ? "" : ",") + damage_json(d);
  return "{\"id\":" + json_string(i.id.text()) + ",\"torn_tail_bytes\":" + number(i.torn_tail_bytes) +
         ",\"segments\":[" + segments + "],\"damage\":[" + damage + "]}\n";
}

std::string damage_text(const Inspection& i) {
  std::string out;
  for (const auto& d : i.damage) {
    out += "damage: " + d.file + " at " + number(d.position) + ", stream " +
           number(static_cast<std::uint64_t>(d.stream)) + ", offsets " + std::to_string(d.first_offset) +
           " to " + std::to_string(d.last_offset) + ": " + d.what + "\n";
  }
  return out;
}

std::string inspection_text(const Inspection& i) {
  std::string out = "journal " + i.id.text() + "\n";
  std::uint64_t bytes = 0, entries = 0;
  for (const auto& s : i.segments) {
    out += s.file + "  base " + number(s.base_position) + "  used " + number(s.used_bytes) + "  frames " +
           number(s.frames) + "  entries " + number(s.entries) +
           (s.quarantined ? "  quarantined"
            : s.spare     ? "  spare"
            : s.sealed    ? "  sealed"
                          : "  open") +
           (s.problem.empty() ? "" : "  " + s.problem) + "\n";
    bytes += s.used_bytes;
    entries += s.entries;
  }
  out += number(i.segments.size()) + " segments, " + number(bytes) + " bytes used, " + number(entries) +
         " entries, torn tail " + number(i.torn_tail_bytes) + " bytes\n";
  return out + damage_text(i);
}

int run_info(const Args& args, const Streams& io) {
  const auto seen = inspect(args, {});
  if (!seen) return io.failed(seen.error());
  io.out(args.has("json") ? inspection_json(*seen) : inspection_text(*seen));
  return kDone;
}

int run_verify(const Args& args, const Streams& io) {
  const auto seen = inspect(args, {});
  if (!seen) return io.failed(seen.error());
  bool sound = seen->damage.empty();
  for (const auto& s : seen->segments) sound = sound && s.problem.empty() && !s.quarantined;
  if (args.has("json")) {
    io.out(inspection_json(*seen));
  } else {
    io.out(sound ? "sound: " + number(seen->segments.size()) + " segments\n" : inspection_text(*seen));
  }
  return sound ? kDone : kFailed;
}

int run_dump(const Args& args, const Streams& io) {
  const bool json = args.has("json");
  const bool one_stream = args.has("stream");
  const auto stream = static_cast<journal::StreamId>(args.number("stream"));
  journal::IndexSeen index;
  if (args.has("index")) {
    index = [&](const journal::IndexedStream& s) {
      if (!one_stream || s.stream == stream) io.out(index_json(s));
    };
  }
  const auto seen = inspect(
      args,
      [&](const std::string& file, std::uint64_t at, const EntryHeader& h, ByteView body) {
        if (one_stream && h.stream != stream) return;
        const std::string id = number(static_cast<std::uint64_t>(h.stream));
        const std::string first = std::to_string(h.first_offset), last = std::to_string(h.last_offset);
        const std::string time = std::to_string(h.max_timestamp), epoch = std::to_string(h.leader_epoch);
        const std::string kind{kind_name(h.kind)};
        if (json) {
          io.out("{\"file\":" + json_string(file) + ",\"position\":" + number(at) + ",\"stream\":" + id +
                 ",\"kind\":\"" + kind + "\",\"first_offset\":" + first + ",\"last_offset\":" + last +
                 ",\"max_timestamp\":" + time + ",\"leader_epoch\":" + epoch +
                 ",\"bytes\":" + number(body.size()) + ",\"crc\":" + number(crc32c(body)) + "}\n");
        } else {
          io.out(file + " " + number(at) + "  stream " + id + "  " + kind + "  offsets " + first + ".." +
                 last + "  time " + time + "  epoch " + epoch + "  " + number(body.size()) + " bytes\n");
        }
      },
      index);
  if (!seen) return io.failed(seen.error());
  io.err(damage_text(*seen));
  return seen->damage.empty() ? kDone : kFailed;
}

}  // namespace

const Command kJournalInfoCommand{
    .words = "journal info",
    .summary = "List the journal's segments",
    .flags = {kFolder, kJson},
    .run = run_info,
};

const Command kJournalDumpCommand{
    .words = "journal dump",
    .summary = "Print one line for every entry of the journal",
    .flags = {kFolder,
              kJson,
              {.name = "index", .help = "Also what the index blocks of sealed segments say (JSON)"},
              {.name = "stream", .kind = FlagKind::Number, .help = "Only this stream", .min = 0}},
    .run = run_dump,
};

const Command kJournalVerifyCommand{
    .words = "journal verify",
    .summary = "Check every checksum of the journal",
    .flags = {kFolder, kJson},
    .details = "Exit code 0: sound; 1: damaged, with the exact place and offsets.",
    .run = run_verify,
};

}  // namespace ledge::cli
