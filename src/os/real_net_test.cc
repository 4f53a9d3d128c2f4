// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "os/system.h"

namespace ledge::os {
namespace {

constexpr Duration kPatience = 20s;

SharedBytes text(std::string_view value) { return SharedBytes::copy(as_bytes(value)); }

/// A peer that keeps what it reads; what it does with it is up to the test.
struct Peer : ConnectionHandler {
  explicit Peer(std::unique_ptr<Connection> c) : connection(std::move(c)) { connection->start(this); }
  MutableBytes read_buffer() override { return {buffer, sizeof buffer}; }
  void on_read(std::size_t n) override {
    received.insert(received.end(), buffer, buffer + n);
    if (read) read();
  }
  void on_drained() override {
    if (drained) drained();
  }
  void on_closed(const Error& why) override {
    ++closed;
    why_closed = why;
    if (gone) gone();
  }

  std::unique_ptr<Connection> connection;
  std::uint8_t buffer[4096];
  Bytes received;
  int closed = 0;
  Error why_closed;
  std::function<void()> read, drained, gone;
};

/// A loop with one listener and one connection, both ends in this process.
class RealNetTest : public testing::Test {
 protected:
  void SetUp() override {
    patience_->set(env_.loop->now() + kPatience, [this] { stop("nothing happened any more"); });
  }
  void TearDown() override {
    server_.reset();
    client_.reset();
    listener_.reset();
    patience_.reset();
  }
  void stop(const char* failure = nullptr) {
    if (failure != nullptr) ADD_FAILURE() << failure;
    env_.loop->stop();
  }
  /// Runs until both ends are there.
  void connect_pair(const std::string& host = "127.0.0.1") {
    auto listener = env_.net->listen({host, 0}, [this](std::unique_ptr<Connection> c) {
      server_ = std::make_unique<Peer>(std::move(c));
      if (client_) stop();
    });
    ASSERT_TRUE(listener) << listener.error().text();
    listener_ = *std::move(listener);
    const std::string to = host.empty() ? "127.0.0.1" : host;
    env_.net->connect({to, listener_->local().port}, 5s, [this](Result<std::unique_ptr<Connection>> c) {
      ASSERT_TRUE(c) << c.error().text();
      client_ = std::make_unique<Peer>(*std::move(c));
      if (server_) stop();
    });
    env_.loop->run();
    ASSERT_TRUE(client_ && server_);
  }

  RealEnv env_ = make_real();
  std::unique_ptr<Timer> patience_ = env_.loop->timer();
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Peer> server_, client_;
};

TEST_F(RealNetTest, TenThousandSmallMessagesComeBackInOrder) {
  connect_pair();
  constexpr std::size_t kMessages = 10000;
  server_->read = [this] {
    server_->connection->send(Chain(SharedBytes::copy(server_->received)));
    server_->received.clear();
  };
  std::string sent;
  for (std::size_t i = 0; i < kMessages; ++i) {
    const std::string message = std::to_string(i) + "\n";
    client_->connection->send(Chain(text(message)));
    sent += message;
  }
  EXPECT_EQ(client_->connection->backlog(), sent.size()) << "nothing leaves from inside send()";
  client_->read = [&] {
    if (client_->received.size() >= sent.size()) stop();
  };
  env_.loop->run();
  EXPECT_EQ(as_text(client_->received), sent);
  EXPECT_EQ(client_->connection->backlog(), 0u);
}

TEST_F(RealNetTest, FileRangesAndMemoryArriveInTheOrderTheyWereSent) {
  connect_pair();
  const auto folder = std::filesystem::temp_directory_path() / ("ledge_net_" + std::to_string(process_id()));
  auto directory = open_directory(folder.string());
  ASSERT_TRUE(directory);
  auto file = (*directory)->create("records");
  ASSERT_TRUE(file);
  Bytes content(3'000'000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * 31 + i / 4099);
  const ByteView piece{content};
  ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));

  Bytes expected;
  Chain chain;
  for (int i = 0; i < 4; ++i) {
    const std::string head = "head " + std::to_string(i);
    chain.add(text(head));
    const auto from = static_cast<std::uint32_t>(17 + i * 100'001);
    chain.add(FileRange{*file, from, 700'000});
    expected.insert(expected.end(), head.begin(), head.end());
    expected.insert(expected.end(), content.begin() + from, content.begin() + from + 700'000);
  }
  const std::size_t total = chain.size();
  server_->connection->send(std::move(chain));
  client_->read = [&] {
    if (client_->received.size() >= total) stop();
  };
  env_.loop->run();
  EXPECT_TRUE(client_->received == expected);
  std::filesystem::remove_all(folder);
}

TEST_F(RealNetTest, AFileThatIsShorterThanItsRangeEndsTheConnection) {
  connect_pair();
  const auto folder = std::filesystem::temp_directory_path() / ("ledge_net_" + std::to_string(process_id()));
  auto directory = open_directory(folder.string());
  ASSERT_TRUE(directory);
  auto file = (*directory)->create("short");
  ASSERT_TRUE(file);
  Chain chain;
  chain.add(FileRange{*file, 0, 100});
  server_->connection->send(std::move(chain));
  server_->gone = [this] { stop(); };
  env_.loop->run();
  EXPECT_EQ(server_->closed, 1);
  std::filesystem::remove_all(folder);
}

TEST_F(RealNetTest, AConnectionMayBeDestroyedInsideItsOwnCallbacks) {
  connect_pair();
  server_->read = [this] { server_->connection.reset(); };
  client_->gone = [this] {
    client_->connection.reset();
    stop();
  };
  client_->connection->send(Chain(text("go away")));
  env_.loop->run();
  EXPECT_EQ(server_->closed, 0) << "the owner knows already";
  EXPECT_EQ(client_->closed, 1);
}

TEST_F(RealNetTest, CloseAfterSendDeliversEverythingFirst) {
  connect_pair();
  const Bytes much(8'000'000, 7);
  server_->connection->send(Chain(SharedBytes::copy(much)));
  server_->connection->close_after_send();
  client_->gone = [this] { stop(); };
  env_.loop->run();
  EXPECT_EQ(client_->received.size(), much.size());
  EXPECT_EQ(server_->closed, 1);
  EXPECT_EQ(client_->closed, 1);
}

TEST_F(RealNetTest, APausedConnectionIsNotReadUntilItIsResumed) {
  connect_pair();
  server_->connection->pause_reading();
  client_->connection->send(Chain(text("later")));
  auto timer = env_.loop->timer();
  timer->set(env_.loop->now() + 30ms, [&] {
    EXPECT_TRUE(server_->received.empty());
    server_->connection->resume_reading();
  });
  server_->read = [this] { stop(); };
  env_.loop->run();
  EXPECT_EQ(as_text(server_->received), "later");
}

TEST_F(RealNetTest, AnEmptyHostListensOnBothFamiliesAndNamesThePeerByItsIpv4Address) {
  connect_pair("");
  EXPECT_EQ(server_->connection->peer().host, "127.0.0.1");
  EXPECT_EQ(client_->connection->peer().port, listener_->local().port);
}

TEST_F(RealNetTest, AConnectionThatIsRefusedFailsOnce) {
  auto listener = env_.net->listen({"127.0.0.1", 0}, [](std::unique_ptr<Connection>) {});
  ASSERT_TRUE(listener);
  const Endpoint nobody = (*listener)->local();
  listener->reset();
  int answers = 0;
  env_.net->connect(nobody, 5s, [&](Result<std::unique_ptr<Connection>> c) {
    ++answers;
    EXPECT_EQ(c ? ErrorCode::None : c.error().code, ErrorCode::ConnectionFailed);
    stop();
  });
  EXPECT_EQ(answers, 0);
  env_.loop->run();
  EXPECT_EQ(answers, 1);
}

TEST_F(RealNetTest, ATakenPortIsReportedAsInUse) {
  auto first = env_.net->listen({"127.0.0.1", 0}, [](std::unique_ptr<Connection>) {});
  ASSERT_TRUE(first);
  auto second = env_.net->listen((*first)->local(), [](std::unique_ptr<Connection>) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::InUse);
}

TEST_F(RealNetTest, WithoutFreeDescriptorsAcceptingPausesAndGoesOnLater) {
  std::vector<std::unique_ptr<Peer>> served;
  auto listener = env_.net->listen({"127.0.0.1", 0}, [&](std::unique_ptr<Connection> c) {
    served.push_back(std::make_unique<Peer>(std::move(c)));
    stop();
  });
  ASSERT_TRUE(listener);
  // The descriptor of the connecting side is there before the limit falls; the accepting side has none.
  env_.net->connect((*listener)->local(), 5s, [&](Result<std::unique_ptr<Connection>> c) {
    ASSERT_TRUE(c);
    client_ = std::make_unique<Peer>(*std::move(c));
    stop();
  });
  (*listener)->pause();
  env_.loop->run();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int highest = dup(0);
  close(highest);
  const rlimit none{static_cast<rlim_t>(highest), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  (*listener)->resume();
  auto timer = env_.loop->timer();
  const double cpu_before = static_cast<double>(clock()) / CLOCKS_PER_SEC;
  timer->set(env_.loop->now() + 300ms, [&] {
    EXPECT_TRUE(served.empty());
    EXPECT_LT(static_cast<double>(clock()) / CLOCKS_PER_SEC - cpu_before, 0.1) << "it spins";
    setrlimit(RLIMIT_NOFILE, &before);
  });
  env_.loop->run();
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(served.size(), 1u);
}

}  // namespace
}  // namespace ledge::os
