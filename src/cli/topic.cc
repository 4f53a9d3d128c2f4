// SPDX-License-Identifier: Apache-2.0
// ledge topic create | list | describe | alter | delete
#include <algorithm>

#include "base/json.h"
#include "cli/cluster.h"
#include "cli/commands.h"

namespace ledge::cli {
namespace {

using client::Cluster;
using client::Done;
using client::ListedOffset;
using client::Topic;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string joined(const std::vector<std::int32_t>& numbers) {
  std::string out;
  for (const std::int32_t n : numbers) out += (out.empty() ? "" : ",") + std::to_string(n);
  return out;
}

int run_create(const Args& args, const Streams& io) {
  client::NewTopic topic;
  topic.name = args.positional(0);
  topic.partitions = static_cast<std::int32_t>(args.number("partitions"));
  topic.replication_factor = static_cast<std::int16_t>(args.number("replication-factor"));
  topic.validate_only = args.has("dry-run");
  for (const std::string& pair : args.all("config")) {
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0) {
      return wrong_usage(io, {ErrorCode::BadOption, "--config takes KEY=VALUE, not '" + pair + "'"});
    }
    topic.configs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  const auto created = (*session)->wait<Uuid>(
      [&](Done<Uuid> done) { (*session)->client().create_topic(topic, std::move(done)); });
  const bool existed = !created && created.error().code == ErrorCode::TopicAlreadyExists;
  if (!created && !(existed && args.has("if-not-exists"))) return io.failed(created.error());
  const std::string_view what = existed ? "exists" : topic.validate_only ? "could be created" : "created";
  if (args.has("json")) {
    io.out("{\"topic\":" + json_string(topic.name) +
           ",\"created\":" + (existed || topic.validate_only ? "false" : "true") +
           (created && !created->is_zero() ? ",\"id\":" + json_string(created->text()) : "") + "}\n");
  } else {
    io.out("topic " + topic.name + " " + std::string{what} + "\n");
  }
  return kDone;
}

int run_list(const Args& args, const Streams& io) {
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  auto cluster = (*session)->wait<Cluster>(
      [&](Done<Cluster> done) { (*session)->client().cluster(std::nullopt, false, std::move(done)); });
  if (!cluster) return io.failed(cluster.error());
  if (!args.has("internal")) std::erase_if(cluster->topics, [](const Topic& t) { return t.internal; });
  std::string out;
  if (args.has("json")) {
    for (const Topic& t : cluster->topics)
      out += std::string{out.empty() ? "" : ",\n "} + "{\"topic\":" + json_string(t.name) +
             ",\"id\":" + json_string(t.id.text()) +
             ",\"partitions\":" + std::to_string(t.partitions.size()) +
             ",\"internal\":" + (t.internal ? "true" : "false") + "}";
    io.out("[" + out + "]\n");
    return kDone;
  }
  std::size_t width = 5;
  for (const Topic& t : cluster->topics) width = std::max(width, t.name.size());
  if (io.out_is_terminal) out += padded("TOPIC", width) + "  PARTITIONS\n";
  for (const Topic& t : cluster->topics)
    out += padded(t.name, width) + "  " + std::to_string(t.partitions.size()) + "\n";
  io.out(out);
  return kDone;
}

/// A partition's first and next offset.
struct Extent {
  std::int64_t start = -1;
  std::int64_t end = -1;
};

Result<Extent> extent_of(ClusterSession& session, const std::string& topic, std::int32_t partition) {
  const auto at = [&](std::int64_t time) {
    return session.wait<ListedOffset>([&](Done<ListedOffset> done) {
      session.client().list_offset(topic, partition, time, false, std::move(done));
    });
  };
  TRY(const ListedOffset start, at(client::Client::kEarliest));
  TRY(const ListedOffset end, at(client::Client::kLatest));
  return Extent{start.offset, end.offset};
}

using Configs = std::vector<client::TopicConfigEntry>;

std::string describe_json(const Topic& topic, const std::vector<Extent>& extents, const Configs& configs) {
  std::string out = "{\"topic\":" + json_string(topic.name) + ",\"id\":" + json_string(topic.id.text()) +
                    ",\"internal\":" + (topic.internal ? "true" : "false") + ",\"partitions\":[";
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto& p = topic.partitions[i];
    out += std::string{i == 0 ? "" : ",\n "} + "{\"partition\":" + std::to_string(p.index) +
           ",\"leader\":" + std::to_string(p.leader) + ",\"leader_epoch\":" + std::to_string(p.leader_epoch) +
           ",\"replicas\":[" + joined(p.replicas) + "],\"in_sync\":[" + joined(p.in_sync) +
           "],\"start\":" + std::to_string(extents[i].start) + ",\"end\":" + std::to_string(extents[i].end) +
           "}";
  }
  out += "],\"configs\":{";
  bool first = true;
  for (const auto& c : configs) {
    out += std::string{std::exchange(first, false) ? "" : ",\n "} + json_string(c.name) +
           ":{\"value\":" + (c.value ? json_string(*c.value) : "null") +
           ",\"default\":" + (c.is_default ? "true" : "false") + "}";
  }
  return out + "}}\n";
}

std::string describe_text(const Topic& topic, const std::vector<Extent>& extents, const Configs& configs) {
  std::string out = "topic       " + topic.name + (topic.internal ? " (internal)" : "") + "\n";
  if (!topic.id.is_zero()) out += "id          " + topic.id.text() + "\n";
  out += "partitions  " + std::to_string(topic.partitions.size()) + "\n";
  constexpr std::size_t kWidth = 12;
  out += "\n";
  for (const std::string_view title : {"PARTITION", "LEADER", "REPLICAS", "IN SYNC", "START"})
    out += padded(std::string{title}, kWidth);
  out += "END\n";
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto& p = topic.partitions[i];
    out += padded(std::to_string(p.index), kWidth) + padded(std::to_string(p.leader), kWidth) +
           padded(joined(p.replicas), kWidth) + padded(joined(p.in_sync), kWidth) +
           padded(std::to_string(extents[i].start), kWidth) + std::to_string(extents[i].end) + "\n";
  }
  std::size_t width = 0;
  for (const auto& c : configs) width = std::max(width, c.name.size() + 2);
  if (!configs.empty()) out += "\n";
  for (const auto& c : configs)
    out += padded(c.name, width) + c.value.value_or("(hidden)") + (c.is_default ? "  (default)" : "") + "\n";
  return out;
}

int run_describe(const Args& args, const Streams& io) {
  auto opened = ClusterSession::open(args);
  if (!opened) return wrong_usage(io, opened.error());
  ClusterSession& session = **opened;
  const std::string name = args.positional(0);
  const auto topic =
      session.wait<Topic>([&](Done<Topic> done) { session.client().topic(name, false, std::move(done)); });
  if (!topic) return io.failed(topic.error());
  std::vector<Extent> extents;
  for (const auto& p : topic->partitions) {
    const auto extent = extent_of(session, name, p.index);
    if (!extent) return io.failed(extent.error());
    extents.push_back(*extent);
  }
  auto configs = session.wait<Configs>(
      [&](Done<Configs> done) { session.client().topic_configs(name, std::move(done)); });
  if (!configs) return io.failed(configs.error());
  if (!args.has("all")) std::erase_if(*configs, [](const auto& c) { return c.is_default; });
  io.out(args.has("json") ? describe_json(*topic, extents, *configs)
                          : describe_text(*topic, extents, *configs));
  return kDone;
}

/// "KEY=VALUE" or, to go back to the default, "KEY". BadOption for neither.
Result<client::TopicConfigChange> config_change(const std::string& text, bool reset) {
  const std::size_t equals = text.find('=');
  if (reset && !text.empty() && equals == text.npos) return client::TopicConfigChange{text, std::nullopt};
  if (!reset && equals != text.npos && equals > 0)
    return client::TopicConfigChange{text.substr(0, equals), text.substr(equals + 1)};
  return fail(ErrorCode::BadOption,
              (reset ? "--reset takes KEY, not '" : "--config takes KEY=VALUE, not '") + text + "'");
}

Result<std::vector<client::TopicConfigChange>> config_changes(const Args& args) {
  std::vector<client::TopicConfigChange> out;
  for (const bool reset : {false, true}) {
    for (const std::string& text : args.all(reset ? "reset" : "config")) {
      TRY(auto change, config_change(text, reset));
      out.push_back(std::move(change));
    }
  }
  return out;
}

int run_alter(const Args& args, const Streams& io) {
  const std::string name = args.positional(0);
  const auto partitions = static_cast<std::int32_t>(args.number("partitions"));
  const auto changes = config_changes(args);
  if (!changes) return wrong_usage(io, changes.error());
  if (changes->empty() && partitions == 0)
    return wrong_usage(io,
                       {ErrorCode::BadOption, "what is to be altered? --partitions, --config or --reset"});
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  client::Client& client = (*session)->client();
  const auto settings = [&](bool check_only) {
    return changes->empty() ? Result<void>{} : (*session)->wait<void>([&](Done<void> done) {
      client.change_topic_configs(name, *changes, check_only, std::move(done));
    });
  };
  const auto growth = [&](bool check_only) {
    return partitions == 0 ? Result<void>{} : (*session)->wait<void>([&](Done<void> done) {
      client.create_partitions(name, partitions, check_only, std::move(done));
    });
  };
  const bool dry_run = args.has("dry-run");
  const auto both = [&](bool check_only) -> Result<void> {
    TRY_VOID(growth(check_only));
    return settings(check_only);
  };
  auto done = both(true);  // nothing is done before both are found good
  if (done && !dry_run) done = both(false);
  if (!done) return io.failed(done.error());
  if (args.has("json")) {
    io.out("{\"topic\":" + json_string(name) + ",\"altered\":" + (dry_run ? "false" : "true") + "}\n");
  } else {
    io.out("topic " + name + (dry_run ? " could be altered\n" : " altered\n"));
  }
  return kDone;
}

int run_delete(const Args& args, const Streams& io) {
  auto session = ClusterSession::open(args);
  if (!session) return wrong_usage(io, session.error());
  int result = kDone;
  for (const std::string& name : args.positionals()) {
    const auto deleted = (*session)->wait<void>(
        [&](Done<void> done) { (*session)->client().delete_topic(name, std::move(done)); });
    const bool missing = !deleted && deleted.error().code == ErrorCode::UnknownTopicOrPartition;
    if (!deleted && !(missing && args.has("if-exists"))) {
      result = io.failed(deleted.error());
    } else if (args.has("json")) {
      io.out("{\"topic\":" + json_string(name) + ",\"deleted\":" + (missing ? "false" : "true") + "}\n");
    } else {
      io.out("topic " + name + (missing ? " does not exist\n" : " deleted\n"));
    }
  }
  return result;
}

}  // namespace

const Command kTopicCreateCommand{
    .words = "topic create",
    .summary = "Create a topic",
    .positionals = {{.name = "TOPIC", .help = "Its name"}},
    .flags = {kBootstrapFlag,
              {.name = "partitions",
               .letter = 'p',
               .kind = FlagKind::Number,
               .help = "-1: the server's default",
               .fallback = "-1",
               .min = -1,
               .max = 1'000'000},
              {.name = "replication-factor",
               .letter = 'r',
               .kind = FlagKind::Number,
               .help = "-1: the server's default",
               .fallback = "-1",
               .min = -1,
               .max = 1000},
              {.name = "config",
               .letter = 'c',
               .kind = FlagKind::Text,
               .value = "KEY=VALUE",
               .help = "A topic setting, e.g. retention.ms=3600000",
               .repeats = true},
              {.name = "if-not-exists", .help = "It is no error if the topic exists"},
              {.name = "dry-run", .help = "Only check whether it could be created"},
              kTimeoutFlag,
              kJsonFlag},
    .run = run_create,
};

const Command kTopicListCommand{
    .words = "topic list",
    .summary = "List the topics and their partitions",
    .flags = {kBootstrapFlag, {.name = "internal", .help = "Internal topics too"}, kTimeoutFlag, kJsonFlag},
    .run = run_list,
};

const Command kTopicDescribeCommand{
    .words = "topic describe",
    .summary = "Show a topic's partitions, offsets and settings",
    .positionals = {{.name = "TOPIC", .help = "Its name"}},
    .flags = {kBootstrapFlag,
              {.name = "all", .letter = 'a', .help = "Settings at their default too"},
              kTimeoutFlag,
              kJsonFlag},
    .run = run_describe,
};

const Command kTopicAlterCommand{
    .words = "topic alter",
    .summary = "Add partitions to a topic, change its settings",
    .positionals = {{.name = "TOPIC", .help = "Its name"}},
    .flags = {kBootstrapFlag,
              {.name = "partitions",
               .letter = 'p',
               .kind = FlagKind::Number,
               .help = "How many it shall have in all; there is no way back",
               .fallback = "0",
               .min = 1,
               .max = 1'000'000},
              {.name = "config",
               .letter = 'c',
               .kind = FlagKind::Text,
               .value = "KEY=VALUE",
               .help = "A topic setting, e.g. retention.ms=3600000",
               .repeats = true},
              {.name = "reset",
               .kind = FlagKind::Text,
               .value = "KEY",
               .help = "A topic setting that goes back to its default",
               .repeats = true},
              {.name = "dry-run", .help = "Only check whether it could be altered"},
              kTimeoutFlag,
              kJsonFlag},
    .run = run_alter,
};

const Command kTopicDeleteCommand{
    .words = "topic delete",
    .summary = "Delete topics and their records",
    .positionals = {{.name = "TOPIC", .help = "Their names", .repeats = true}},
    .flags = {kBootstrapFlag,
              {.name = "if-exists", .help = "It is no error if a topic does not exist"},
              kTimeoutFlag,
              kJsonFlag},
    .run = run_delete,
};

}  // namespace ledge::cli
