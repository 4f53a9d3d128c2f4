// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gtest/gtest.h>

#include <set>

namespace ledge::config {
namespace {

Loaded from_file(std::string text) {
  Sources sources;
  sources.file_name = "ledge.yaml";
  sources.file_text = std::move(text);
  return load(sources);
}

std::string only_problem(const Loaded& loaded) {
  EXPECT_EQ(loaded.problems.size(), 1u);
  return loaded.problems.empty() ? "" : loaded.problems[0];
}

TEST(Config, DefaultsNeedNothingAndListenOnLoopback) {
  const Loaded loaded = load({});
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_TRUE(loaded.notes.empty());
  ASSERT_EQ(loaded.listeners.size(), 1u);
  EXPECT_EQ(loaded.listeners[0], (NamedEndpoint{"PLAINTEXT", {"127.0.0.1", 9092}}));
  EXPECT_EQ(loaded.advertised, loaded.listeners);
  EXPECT_EQ(loaded.options.data_dir, "./ledge-data");
}

TEST(Config, FlagsWinOverEnvironmentOverFileOverDefault) {
  Sources sources;
  sources.file_name = "f";
  sources.file_text = "num.partitions: 2\nmessage.max.bytes: 1000\nlog.level: warn\n";
  sources.environment = {"LEDGE_NUM_PARTITIONS=3", "LEDGE_MESSAGE_MAX_BYTES=2000", "PATH=/bin"};
  sources.sets = {"num.partitions=4"};
  const Loaded loaded = load(sources);
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.options.topic.partitions, 4);
  EXPECT_EQ(loaded.options.topic.message_bytes_max, 2000);
  EXPECT_EQ(loaded.options.log.level, "warn");
  EXPECT_EQ(loaded.origins.at("num.partitions"), "--set");
  EXPECT_EQ(loaded.origins.at("message.max.bytes"), "LEDGE_MESSAGE_MAX_BYTES");
  EXPECT_EQ(loaded.origins.at("log.level"), "f:3");
}

TEST(Config, NestedMapsAreTheSameAsDots) {
  const Loaded loaded = from_file("log:\n  retention:\n    ms: 5\n  dirs: /d\nnum: {partitions: 7}\n");
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.options.topic.retention_ms, 5);
  EXPECT_EQ(loaded.options.data_dir, "/d");
  EXPECT_EQ(loaded.options.topic.partitions, 7);
}

TEST(Config, NamesTheLineAndTheNearestKeyOfAnUnknownOne) {
  EXPECT_EQ(only_problem(from_file("# a comment\n\nnum.partitons: 3\n")),
            "ledge.yaml:3: there is no option num.partitons; did you mean num.partitions?");
  EXPECT_EQ(
      only_problem(from_file("log:\n  retention:\n    milliseconds: 3\n")),
      "ledge.yaml:3: there is no option log.retention.milliseconds; did you mean log.retention.minutes?");
  EXPECT_EQ(only_problem(from_file("wholly.different: 3\n")),
            "ledge.yaml:1: there is no option wholly.different");
}

TEST(Config, NamesTheLineAndTheAllowedRangeOfAWrongValue) {
  EXPECT_EQ(only_problem(from_file("\nnum.partitions: 0\n")),
            "ledge.yaml:2: num.partitions must be an integer from 1 to 10000, not '0'");
  EXPECT_EQ(only_problem(from_file("auto.create.topics.enable: yes\n")),
            "ledge.yaml:1: auto.create.topics.enable must be true or false, not 'yes'");
  EXPECT_EQ(only_problem(from_file("log.message.timestamp.type: now\n")),
            "ledge.yaml:1: log.message.timestamp.type must be CreateTime or LogAppendTime, not 'now'");
  EXPECT_EQ(only_problem(from_file("num.partitions: [1, 2]\n")),
            "ledge.yaml:1: num.partitions takes one value, not a list");
  EXPECT_EQ(
      only_problem(from_file("log.retention.ms: 99999999999999999999\n")),
      "ledge.yaml:1: log.retention.ms must be an integer of at least -1 ms, not '99999999999999999999'");
}

TEST(Config, ReportsEveryProblemAtOnce) {
  EXPECT_EQ(from_file("num.partitions: x\nnum.partitons: 1\nssl.keystore.location: /k\n").problems.size(),
            3u);
}

TEST(Config, SizesAndTimesMayCarryUnits) {
  const Loaded loaded =
      from_file("message.max.bytes: 2MiB\nlog.retention.ms: 7 d\nconnections.max.idle.ms: 10s\n");
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.options.topic.message_bytes_max, 2 << 20);
  EXPECT_EQ(loaded.options.topic.retention_ms, 604800000);
  EXPECT_EQ(loaded.options.limit.connection_idle_ms, 10000);
  EXPECT_FALSE(from_file("num.partitions: 1MiB\n").problems.empty());
  EXPECT_FALSE(from_file("log.retention.ms: 9223372036854775807d\n").problems.empty());
}

TEST(Config, TheFinestOfKafkasRetentionKeysWins) {
  EXPECT_EQ(from_file("log.retention.hours: 1\n").options.topic.retention_ms, 3600000);
  EXPECT_EQ(from_file("log.retention.ms: 5\nlog.retention.minutes: 2\nlog.retention.hours: 1\n")
                .options.topic.retention_ms,
            5);
  EXPECT_EQ(from_file("log.retention.hours: -1\n").options.topic.retention_ms, -1);
}

TEST(Config, KafkaKeysWithoutEffectAreReportedAndUnsafeOnesRefused) {
  const Loaded ignored = from_file("num.io.threads: 8\noffsets.load.buffer.size: 50\n");
  EXPECT_TRUE(ignored.problems.empty());
  ASSERT_EQ(ignored.notes.size(), 2u);
  EXPECT_TRUE(ignored.notes[0].starts_with("ledge.yaml:1: num.io.threads has no effect: "));
  EXPECT_TRUE(only_problem(from_file("ssl.client.auth: required\n"))
                  .starts_with("ledge.yaml:1: ssl.client.auth is refused: "));
}

TEST(Config, AVariableThatNoOptionHasIsReportedButNotThoseOfKubernetes) {
  Sources sources;
  sources.environment = {"LEDGE_NUM_PARTITONS=3", "LEDGE_SERVICE_HOST=10.0.0.1",
                         "LEDGE_PORT_9092_TCP=tcp://x", "LEDGE_CONFIG=f"};
  const Loaded loaded = load(sources);
  EXPECT_TRUE(loaded.problems.empty());
  ASSERT_EQ(loaded.notes.size(), 1u);
  EXPECT_EQ(loaded.notes[0],
            "LEDGE_NUM_PARTITONS: no option has this variable; did you mean LEDGE_NUM_PARTITIONS?");
}

TEST(Config, ListenersAreNamedAndAdvertised) {
  const Loaded loaded = from_file(
      "listeners:\n  - IN://0.0.0.0:9092\n  - OUT://[::1]:9094\n"
      "advertised.listeners: OUT://box.shop:1234\nlistener.security.protocol.map: IN:PLAINTEXT, "
      "OUT:PLAINTEXT\n");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0];
  EXPECT_EQ(loaded.listeners[1], (NamedEndpoint{"OUT", {"::1", 9094}}));
  EXPECT_EQ(loaded.advertised[0], (NamedEndpoint{"IN", {"localhost", 9092}}));  // the host's name
  EXPECT_EQ(loaded.advertised[1], (NamedEndpoint{"OUT", {"box.shop", 1234}}));
  ASSERT_EQ(loaded.notes.size(), 1u);
  EXPECT_TRUE(loaded.notes[0].contains("open to the network"));
}

TEST(Config, RefusesListenersThatCannotWork) {
  EXPECT_EQ(only_problem(from_file("listeners: SSL://:9093\n")),
            "ledge.yaml:1: listeners: the listener name SSL has no protocol; add SSL:PLAINTEXT to "
            "listener.security.protocol.map");
  EXPECT_TRUE(only_problem(from_file("listeners: [A://:1]\nlistener.security.protocol.map: A:SSL\n"))
                  .contains("SSL is not there yet"));
  EXPECT_TRUE(only_problem(from_file("listeners: localhost\n")).contains("has no port"));
  EXPECT_TRUE(only_problem(from_file("listeners: localhost:99999\n")).contains("no port from 0 to 65535"));
  EXPECT_TRUE(only_problem(from_file("listeners: ::1:9092\n")).contains("without brackets"));
  EXPECT_TRUE(only_problem(from_file("listeners: [a:1, b:2]\n")).contains("a second time"));
  EXPECT_TRUE(only_problem(from_file("listeners: []\n")).contains("at least one"));
  EXPECT_TRUE(
      only_problem(from_file("advertised.listeners: OUT://a:1\n")).contains("is not a name in listeners"));
  EXPECT_TRUE(
      only_problem(from_file("advertised.listeners: 0.0.0.0:9092\n")).contains("clients cannot connect"));
}

TEST(Config, RefusesOptionsThatContradictEachOther) {
  EXPECT_TRUE(only_problem(from_file("socket.request.max.bytes: 4096\n")).contains("could never arrive"));
  EXPECT_TRUE(only_problem(from_file("log.dirs: /a,/b\n")).contains("one folder only"));
}

TEST(Config, SetNeedsAKeyAndAValue) {
  Sources sources;
  sources.sets = {"num.partitions"};
  EXPECT_EQ(only_problem(load(sources)), "--set num.partitions: write --set KEY=VALUE");
}

TEST(Rows, NamesAndVariablesAreUnique) {
  std::set<std::string> names, variables;
  for (std::string_view name : declare::option_names(serve_option_rows())) {
    EXPECT_TRUE(names.insert(std::string{name}).second) << name;
    EXPECT_TRUE(variables.insert(declare::option_environment(name)).second) << name;
  }
}

TEST(Rows, EveryDefaultIsAllowedByItsOwnRow) {
  for (const declare::OptionRow& row : serve_option_rows()) {
    EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
    EXPECT_EQ(row.field == nullptr, row.kind != declare::OptionKind::Ours) << row.name;
    if (!row.field) continue;
    ServeOptions options;
    const std::string value = declare::option_text(row, &options);
    const auto set = declare::set_option({&row}, row.name, &options, value);
    EXPECT_TRUE(set) << (set ? "" : set.error().detail);
    EXPECT_EQ(declare::option_text(row, &options), value) << row.name;
  }
}

}  // namespace
}  // namespace ledge::config
