// SPDX-License-Identifier: Apache-2.0
// ledge group list | describe | reset | delete
#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "cli/cluster.h"
#include "cli/commands.h"
#include "cli/group_reset.h"

namespace ledge::cli {
namespace {

using client::Client;
using client::Done;
using client::GroupDescription;
using client::GroupOffset;
using client::ListedOffset;
using client::TopicPartition;

/// Rows of words, each column as wide as its widest word.
class Table {
 public:
  void row(std::vector<std::string> words) { rows_.push_back(std::move(words)); }
  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
      }
      out += line + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }
std::string json_or_null(const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "null"; }

// --- asking
// -------------------------------------------------------------------------------------------------------

Result<std::int64_t> offset_at(ClusterSession& session, const TopicPartition& of, std::int64_t time) {
  TRY(const ListedOffset listed, session.wait<ListedOffset>([&](Done<ListedOffset> done) {
    session.client().list_offset(of.topic, of.partition, time, false, std::move(done));
  }));
  return listed.offset;
}

Result<GroupDescription> described(ClusterSession& session, const std::string& group) {
  return session.wait<GroupDescription>(
      [&](Done<GroupDescription> done) { session.client().describe_group(group, std::move(done)); });
}

Result<std::vector<GroupOffset>> offsets_of(ClusterSession& session, const std::string& group) {
  return session.wait<std::vector<GroupOffset>>(
      [&](Done<std::vector<GroupOffset>> done) { session.client().group_offsets(group, std::move(done)); });
}

/// Those that exist.
Result<std::set<TopicPartition>> known_partitions(ClusterSession& session,
                                                  const std::set<std::string>& topics) {
  std::set<TopicPartition> known;
  if (topics.empty()) return known;
  TRY(const client::Cluster cluster, session.wait<client::Cluster>([&](Done<client::Cluster> done) {
    session.client().cluster(std::vector(topics.begin(), topics.end()), false, std::move(done));
  }));
  for (const auto& topic : cluster.topics)
    for (const auto& p : topic.partitions) known.insert({topic.name, p.index});
  return known;
}

// --- list
// ---------------------------------------------------------------------------------------------------------

int run_list(const Args& args, const Streams& io) {
  using Groups = std::vector<client::ListedGroup>;
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  const auto groups =
      (*session)->wait<Groups>([&](Done<Groups> done) { (*session)->client().list_groups(std::move(done)); });
  if (!groups) return io.failed(groups.error());
  if (args.has("json")) {
    std::string out;
    for (const auto& g : *groups)
      out += std::string{out.empty() ? "" : ",\n "} + "{\"group\":" + json_string(g.id) +
             ",\"type\":" + json_string(g.type) + ",\"protocol\":" + json_string(g.protocol_type) +
             ",\"state\":" + json_string(g.state) + "}";
    io.out("[" + out + "]\n");
    return kDone;
  }
  Table table;
  if (io.out_is_terminal) table.row({"GROUP", "TYPE", "PROTOCOL", "STATE"});
  for (const auto& g : *groups)
    table.row({g.id, or_dash(g.type), or_dash(g.protocol_type), or_dash(g.state)});
  io.out(table.text());
  return kDone;
}

// --- describe
// -----------------------------------------------------------------------------------------------------

/// A partition that the group has committed, or that a member has been assigned.
struct Progress {
  TopicPartition of;
  std::optional<std::int64_t> committed = {};
  std::optional<std::int64_t> end = {};  // absent when the topic is gone
  const client::GroupMember* member = nullptr;

  std::optional<std::int64_t> lag() const {
    if (!committed || !end) return std::nullopt;
    return std::max<std::int64_t>(*end - *committed, 0);
  }
};

Result<std::vector<Progress>> progress_of(ClusterSession& session, const GroupDescription& group) {
  TRY(const auto offsets, offsets_of(session, group.id));
  std::map<TopicPartition, Progress> found;
  for (const GroupOffset& o : offsets) found[o.of] = {.of = o.of, .committed = o.offset};
  for (const auto& member : group.members) {
    for (const TopicPartition& of : member.assigned) {
      found[of].of = of;
      found[of].member = &member;
    }
  }
  std::set<std::string> topics;
  for (const auto& [of, progress] : found) topics.insert(of.topic);
  TRY(const auto known, known_partitions(session, topics));
  std::vector<Progress> all;
  for (auto& [of, progress] : found) {
    if (known.contains(of)) {
      TRY(progress.end, offset_at(session, of, Client::kLatest));
    }
    all.push_back(std::move(progress));
  }
  return all;
}

std::string describe_json(const GroupDescription& group, const std::vector<Progress>& all) {
  std::string out = "{\"group\":" + json_string(group.id) + ",\"type\":" + json_string(group.type) +
                    ",\"state\":" + json_string(group.state) +
                    ",\"protocol\":" + json_string(group.protocol) + ",\"members\":[";
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const auto& m = group.members[i];
    out += std::string{i == 0 ? "" : ",\n "} + "{\"member\":" + json_string(m.id) +
           ",\"instance\":" + (m.instance ? json_string(*m.instance) : "null") +
           ",\"client\":" + json_string(m.client_id) + ",\"host\":" + json_string(m.host) +
           ",\"partitions\":" + std::to_string(m.assigned.size()) + "}";
  }
  out += "],\"offsets\":[";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Progress& p = all[i];
    out += std::string{i == 0 ? "" : ",\n "} + "{\"topic\":" + json_string(p.of.topic) +
           ",\"partition\":" + std::to_string(p.of.partition) + ",\"offset\":" + json_or_null(p.committed) +
           ",\"end\":" + json_or_null(p.end) + ",\"lag\":" + json_or_null(p.lag()) +
           ",\"member\":" + (p.member ? json_string(p.member->id) : "null") + "}";
  }
  return out + "]}\n";
}

std::string describe_text(const GroupDescription& group, const std::vector<Progress>& all) {
  Table head;
  head.row({"group", group.id});
  head.row({"type", group.type});
  head.row({"state", group.state});
  if (!group.protocol.empty()) head.row({"protocol", group.protocol});
  head.row({"members", std::to_string(group.members.size())});
  std::string out = head.text();
  const auto text = [](const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "-"; };
  if (!all.empty()) {
    Table table;
    table.row({"TOPIC", "PARTITION", "OFFSET", "END", "LAG", "MEMBER"});
    for (const Progress& p : all)
      table.row({p.of.topic, std::to_string(p.of.partition), text(p.committed), text(p.end), text(p.lag()),
                 p.member ? p.member->id : "-"});
    out += "\n" + table.text();
  }
  if (!group.members.empty()) {
    Table table;
    table.row({"MEMBER", "INSTANCE", "CLIENT", "HOST", "PARTITIONS"});
    for (const auto& m : group.members)
      table.row({m.id, or_dash(m.instance.value_or("")), or_dash(m.client_id), or_dash(m.host),
                 std::to_string(m.assigned.size())});
    out += "\n" + table.text();
  }
  return out;
}

int run_describe(const Args& args, const Streams& io) {
  auto opened = ClusterSession::open(args);
  if (!opened) return wrong_usage(io, opened.error());
  const auto group = described(**opened, args.positional(0));
  if (!group) return io.failed(group.error());
  const auto all = progress_of(**opened, *group);
  if (!all) return io.failed(all.error());
  io.out(args.has("json") ? describe_json(*group, *all) : describe_text(*group, *all));
  return kDone;
}

// --- reset
// --------------------------------------------------------------------------------------------------------

struct Reset {
  std::string group;
  ResetTo to = {};
  std::vector<TopicChoice> topics = {};
  bool all_topics = false;
  OffsetMap file = {};
};

/// Exactly one of the --to flags.
Result<ResetTo> reset_to(const Args& args) {
  using Kind = ResetTo::Kind;
  std::vector<ResetTo> given;
  if (args.has("to-earliest")) given.push_back({Kind::Earliest});
  if (args.has("to-latest")) given.push_back({Kind::Latest});
  if (args.has("to-offset")) given.push_back({Kind::Offset, args.number("to-offset")});
  if (args.has("shift-by")) given.push_back({Kind::Shift, args.number("shift-by")});
  if (args.has("from-file")) given.push_back({Kind::File});
  if (args.has("to-time")) {
    TRY(const std::int64_t at, parse_reset_time(args.text("to-time"), os::wall_clock()));
    given.push_back({Kind::Time, at});
  }
  if (given.size() != 1)
    return fail(ErrorCode::BadOption,
                "give one of --to-earliest, --to-latest, --to-offset, --to-time, --shift-by, --from-file");
  return given.front();
}

Result<Reset> reset_from(const Args& args) {
  Reset reset{.group = args.positional(0)};
  TRY(reset.to, reset_to(args));
  for (const std::string& text : args.all("topic")) {
    TRY(TopicChoice choice, parse_topic_choice(text));
    reset.topics.push_back(std::move(choice));
  }
  reset.all_topics = args.has("all-topics");
  const bool by_file = reset.to.kind == ResetTo::Kind::File;
  if (!by_file && reset.topics.empty() != reset.all_topics)
    return fail(ErrorCode::BadOption,
                "give --topic, or --all-topics for everything that the group has committed");
  if (by_file && (!reset.topics.empty() || reset.all_topics))
    return fail(ErrorCode::BadOption, "--from-file names the topics itself");
  if (args.has("execute") && args.has("dry-run"))
    return fail(ErrorCode::BadOption, "either --execute or --dry-run");
  if (by_file) {
    TRY(const std::string text, os::read_whole_file(args.text("from-file"), limits::config_file_bytes_max));
    TRY(reset.file, parse_offset_file(text));
  }
  return reset;
}

/// The partitions that are meant; all of them exist.
Result<std::set<TopicPartition>> chosen(ClusterSession& session, const Reset& reset,
                                        const std::vector<GroupOffset>& committed) {
  std::set<TopicPartition> found;
  std::set<std::string> topics;
  for (const auto& [of, offset] : reset.file) found.insert(of);
  if (reset.all_topics)
    for (const GroupOffset& o : committed) found.insert(o.of);
  for (const TopicPartition& of : found) topics.insert(of.topic);
  for (const TopicChoice& choice : reset.topics) topics.insert(choice.topic);
  TRY(const auto known, known_partitions(session, topics));
  for (const TopicChoice& choice : reset.topics) {
    for (const std::int32_t p : choice.partitions) found.insert({choice.topic, p});
    if (!choice.partitions.empty()) continue;
    const auto begin = known.lower_bound({choice.topic, 0});
    if (begin == known.end() || begin->topic != choice.topic)
      return fail(ErrorCode::UnknownTopicOrPartition, "topic " + choice.topic);
    for (auto at = begin; at != known.end() && at->topic == choice.topic; ++at) found.insert(*at);
  }
  // What was committed for a topic that is gone can go nowhere.
  if (reset.all_topics) std::erase_if(found, [&](const auto& of) { return !known.contains(of); });
  for (const TopicPartition& of : found)
    if (!known.contains(of))
      return fail(ErrorCode::UnknownTopicOrPartition,
                  "topic " + of.topic + ", partition " + std::to_string(of.partition));
  return found;
}

struct Move {
  TopicPartition of;
  std::optional<std::int64_t> before;
  std::int64_t after = 0;
  std::int64_t end = 0;
};

Result<std::vector<Move>> planned(ClusterSession& session, const Reset& reset) {
  TRY(const auto committed, offsets_of(session, reset.group));
  TRY(const auto partitions, chosen(session, reset, committed));
  std::vector<Move> moves;
  for (const TopicPartition& of : partitions) {
    ResetSubject subject{.of = of};
    const auto before = std::ranges::find(committed, of, &GroupOffset::of);
    if (before != committed.end()) subject.committed = before->offset;
    TRY(subject.start, offset_at(session, of, Client::kEarliest));
    TRY(subject.end, offset_at(session, of, Client::kLatest));
    if (reset.to.kind == ResetTo::Kind::Time) {
      TRY(const std::int64_t found, offset_at(session, of, reset.to.value));
      if (found >= 0) subject.at_time = found;
    }
    TRY(const std::int64_t after, reset_offset(reset.to, subject, reset.file));
    moves.push_back({of, subject.committed, after, subject.end});
  }
  return moves;
}

/// Members would go on from where they are and commit over it.
Result<void> check_idle(ClusterSession& session, const std::string& group) {
  const auto now = described(session, group);
  if (!now && now.error().code == ErrorCode::GroupIdNotFound) return {};  // it is made by being committed to
  if (!now) return std::unexpected(now.error());
  if (now->members.empty() && now->state != "PreparingRebalance") return {};
  return fail(ErrorCode::NonEmptyGroup, "group " + group + " is " + now->state + " with " +
                                            std::to_string(now->members.size()) +
                                            " members; its offsets can be reset when they have stopped");
}

void show_moves(const Args& args, const Streams& io, const std::vector<Move>& moves, bool done) {
  if (args.has("json")) {
    std::string out;
    for (const Move& m : moves)
      out += std::string{out.empty() ? "" : ",\n "} + "{\"topic\":" + json_string(m.of.topic) +
             ",\"partition\":" + std::to_string(m.of.partition) + ",\"before\":" + json_or_null(m.before) +
             ",\"offset\":" + std::to_string(m.after) + ",\"end\":" + std::to_string(m.end) + "}";
    io.out("{\"group\":" + json_string(args.positional(0)) + ",\"executed\":" + (done ? "true" : "false") +
           ",\"offsets\":[" + out + "]}\n");
    return;
  }
  Table table;
  table.row({"TOPIC", "PARTITION", "BEFORE", "OFFSET", "END"});
  for (const Move& m : moves)
    table.row({m.of.topic, std::to_string(m.of.partition), m.before ? std::to_string(*m.before) : "-",
               std::to_string(m.after), std::to_string(m.end)});
  io.out(table.text());
  if (!done) io.err("nothing is changed yet; --execute does it\n");
}

int run_reset(const Args& args, const Streams& io) {
  const auto reset = reset_from(args);
  if (!reset) return wrong_usage(io, reset.error());
  auto opened = ClusterSession::open(args);
  if (!opened) return wrong_usage(io, opened.error());
  ClusterSession& session = **opened;
  if (const auto idle = check_idle(session, reset->group); !idle) return io.failed(idle.error());
  const auto moves = planned(session, *reset);
  if (!moves) return io.failed(moves.error());
  if (moves->empty()) return io.failed("group " + reset->group + " has committed nothing");
  const bool execute = args.has("execute");
  if (execute) {
    std::vector<GroupOffset> offsets;
    for (const Move& m : *moves) offsets.push_back({.of = m.of, .offset = m.after});
    const auto committed = session.wait<void>([&](Done<void> done) {
      session.client().commit_group_offsets(reset->group, std::move(offsets), std::move(done));
    });
    if (!committed) return io.failed(committed.error());
  }
  show_moves(args, io, *moves, execute);
  return kDone;
}

// --- delete
// -------------------------------------------------------------------------------------------------------

int run_delete(const Args& args, const Streams& io) {
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  int result = kDone;
  for (const std::string& group : args.positionals()) {
    const auto deleted = (*session)->wait<void>(
        [&](Done<void> done) { (*session)->client().delete_group(group, std::move(done)); });
    const bool missing = !deleted && deleted.error().code == ErrorCode::GroupIdNotFound;
    if (!deleted && !(missing && args.has("if-exists"))) {
      result = io.failed(deleted.error());
    } else if (args.has("json")) {
      io.out("{\"group\":" + json_string(group) + ",\"deleted\":" + (missing ? "false" : "true") + "}\n");
    } else {
      io.out("group " + group + (missing ? " does not exist" : " deleted") + "\n");
    }
  }
  return result;
}

}  // namespace

const Command kGroupListCommand{
    .words = "group list",
    .summary = "List the consumer groups",
    .flags = {kBootstrapFlag, kTimeoutFlag, kJsonFlag},
    .run = run_list,
};

const Command kGroupDescribeCommand{
    .words = "group describe",
    .summary = "Show a group's members, what it has committed and how far behind it is",
    .positionals = {{.name = "GROUP", .help = "Its name"}},
    .flags = {kBootstrapFlag, kTimeoutFlag, kJsonFlag},
    .run = run_describe,
};

const Command kGroupResetCommand{
    .words = "group reset",
    .summary = "Set where a group without members goes on reading; shows it only, unless --execute is given",
    .positionals = {{.name = "GROUP", .help = "Its name"}},
    .flags = {kBootstrapFlag,
              {.name = "topic",
               .letter = 't',
               .kind = FlagKind::Text,
               .value = "TOPIC[:0,1]",
               .help = "Which topic, or partitions of it",
               .repeats = true},
              {.name = "all-topics", .help = "Everything that the group has committed"},
              {.name = "to-earliest", .help = "To the first record"},
              {.name = "to-latest", .help = "Behind the last record"},
              {.name = "to-offset", .kind = FlagKind::Number, .value = "N", .help = "To an offset", .min = 0},
              {.name = "to-time",
               .kind = FlagKind::Text,
               .value = "WHEN",
               .help = "To the first record at or after @MILLISECONDS, @-15m, @-2h, @-7d"},
              {.name = "shift-by",
               .kind = FlagKind::Number,
               .value = "N",
               .help = "Forwards, or backwards when negative"},
              {.name = "from-file",
               .kind = FlagKind::Text,
               .value = "FILE",
               .help = "To the offsets of a file of topic,partition,offset lines"},
              {.name = "dry-run", .letter = 'n', .help = "Only show what would be done; the default"},
              {.name = "execute", .help = "Do it"},
              kTimeoutFlag,
              kJsonFlag},
    .details =
        "An offset outside of what a partition holds becomes the nearest one inside.\n\n"
        "  ledge group reset billing -t orders --to-time @-2h\n"
        "  ledge group reset billing -t orders:0 --shift-by -10 --execute",
    .run = run_reset,
};

const Command kGroupDeleteCommand{
    .words = "group delete",
    .summary = "Delete groups without members, and what they have committed",
    .positionals = {{.name = "GROUP", .help = "Their names", .repeats = true}},
    .flags = {kBootstrapFlag,
              {.name = "if-exists", .help = "It is no error if a group does not exist"},
              kTimeoutFlag,
              kJsonFlag},
    .run = run_delete,
};

}  // namespace ledge::cli
