// SPDX-License-Identifier: Apache-2.0
// Members of consumer groups, as many as wanted, each on a connection of its own: join, sync, and heartbeats
// every 3 s, as Kafka's consumers do by default. Nothing is fetched.
//
//   groups PORT GROUPS MEMBERS SECONDS
//
// Prints a JSON object when every member of every group has its assignment and has been answered one
// heartbeat, and another after SECONDS more of heartbeats; then the members leave.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kHeartbeat{3000};
constexpr milliseconds kAgain{200};
constexpr int kSessionMs = 45000, kRebalanceMs = 300000;  // the defaults of Kafka's consumer

enum class Doing { kFinding, kJoining, kSyncing, kStable, kLeaving, kGone };

enum Code : int16_t {
  kNone = 0,
  kCoordinatorLoading = 14,
  kCoordinatorNotAvailable = 15,
  kNotCoordinator = 16,
  kIllegalGeneration = 22,
  kUnknownMember = 25,
  kRebalanceInProgress = 27,
  kMemberIdRequired = 79,
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "groups: %s\n", what.c_str());
  std::exit(1);
}

class Writer {
 public:
  template <class T> Writer& add(T value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
      bytes += static_cast<char>(static_cast<uint64_t>(value) >> shift);
    return *this;
  }
  Writer& text(const std::string& s) {
    add(static_cast<int16_t>(s.size()));
    bytes += s;
    return *this;
  }
  Writer& blob(const std::string& s) {
    add(static_cast<int32_t>(s.size()));
    bytes += s;
    return *this;
  }
  std::string bytes;
};

class Parser {
 public:
  Parser(const char* data, size_t size) : data_(data), size_(size) {}
  template <class T> T number() {
    need(sizeof(T));
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | static_cast<unsigned char>(data_[at_ + i]);
    at_ += sizeof(T);
    return static_cast<T>(value);
  }
  std::string text() { return piece(number<int16_t>()); }
  std::string blob() { return piece(number<int32_t>()); }

 private:
  std::string piece(int32_t size) {
    if (size < 0) return {};
    need(static_cast<size_t>(size));
    at_ += static_cast<size_t>(size);
    return {data_ + at_ - size, static_cast<size_t>(size)};
  }
  void need(size_t bytes) const {
    if (at_ + bytes > size_) fail("an answer is shorter than it has to be");
  }
  const char* data_;
  size_t size_, at_ = 0;
};

struct Member {
  int socket = -1;
  Doing doing = Doing::kFinding;
  std::string group, id, in;
  std::vector<std::string> others;  // of the leader: whom it assigns to
  int32_t generation = -1;
  bool leader = false, beaten = false;
  Clock::time_point asked;
};

struct Timer {
  Clock::time_point at;
  size_t member;
  bool operator<(const Timer& o) const { return at > o.at; }
};

class Load {
 public:
  Load(int port, int groups, int members, int seconds)
      : port_(port), groups_(groups), size_(members), seconds_(seconds) {}

  void run() {
    poll_ = epoll_create1(EPOLL_CLOEXEC);
    members_.resize(static_cast<size_t>(groups_) * static_cast<size_t>(size_));
    begin_ = Clock::now();
    for (size_t i = 0; i < members_.size(); ++i) {
      members_[i].group = "group-" + std::to_string(i / static_cast<size_t>(size_));
      dial(i);
      at(i, milliseconds(0));
    }
    while (gone_ < members_.size()) step();
  }

 private:
  void dial(size_t i) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      fail(std::string("connect: ") + std::strerror(errno));
    int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(poll_, EPOLL_CTL_ADD, s, &event);
    members_[i].socket = s;
  }

  void at(size_t i, Clock::duration wait) { timers_.push({Clock::now() + wait, i}); }

  void step() {
    int wait = 1000;
    if (!timers_.empty()) {
      auto left = std::chrono::duration_cast<milliseconds>(timers_.top().at - Clock::now()).count() + 1;
      wait = static_cast<int>(std::clamp<int64_t>(left, 0, 1000));
    }
    epoll_event events[256];
    int n = epoll_wait(poll_, events, 256, wait);
    for (int e = 0; e < n; ++e) readable(events[e].data.u64);
    for (auto now = Clock::now(); !timers_.empty() && timers_.top().at <= now;) {
      size_t i = timers_.top().member;
      timers_.pop();
      due(i);
    }
    window();
  }

  // ---- what a member asks
  // ----------------------------------------------------------------------------------------------

  void ask(Member& m, int16_t key, int16_t version, const std::string& body) {
    Writer request;
    request.add<int16_t>(key).add<int16_t>(version).add<int32_t>(1).text("groups");
    request.bytes += body;
    Writer framed;
    framed.blob(request.bytes);
    m.asked = Clock::now();
    if (send(m.socket, framed.bytes.data(), framed.bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(framed.bytes.size()))
      fail("send");
  }

  void due(size_t i) {
    Member& m = members_[i];
    Writer w;
    switch (m.doing) {
      case Doing::kFinding: return ask(m, 10, 2, w.text(m.group).add<int8_t>(0).bytes);
      case Doing::kJoining: {
        Writer subscription;
        subscription.add<int16_t>(0).add<int32_t>(1).text("load").add<int32_t>(-1);
        w.text(m.group)
            .add<int32_t>(kSessionMs)
            .add<int32_t>(kRebalanceMs)
            .text(m.id)
            .add<int16_t>(-1)
            .text("consumer");
        return ask(m, 11, 5, w.add<int32_t>(1).text("range").blob(subscription.bytes).bytes);
      }
      case Doing::kSyncing: {
        Writer assignment;
        assignment.add<int16_t>(0).add<int32_t>(1).text("load").add<int32_t>(1).add<int32_t>(0).add<int32_t>(
            -1);
        w.text(m.group)
            .add<int32_t>(m.generation)
            .text(m.id)
            .add<int16_t>(-1)
            .add(static_cast<int32_t>(m.others.size()));
        for (const auto& other : m.others) w.text(other).blob(assignment.bytes);
        return ask(m, 14, 3, w.bytes);
      }
      case Doing::kStable:
        return ask(m, 12, 3, w.text(m.group).add<int32_t>(m.generation).text(m.id).add<int16_t>(-1).bytes);
      case Doing::kLeaving: return ask(m, 13, 2, w.text(m.group).text(m.id).bytes);
      case Doing::kGone: return;
    }
  }

  // ---- what it is answered
  // ---------------------------------------------------------------------------------------------

  void readable(size_t i) {
    Member& m = members_[i];
    char buffer[65536];
    ssize_t n = recv(m.socket, buffer, sizeof buffer, 0);
    if (n <= 0) fail(m.group + ": the server closed a connection");
    m.in.append(buffer, static_cast<size_t>(n));
    if (m.in.size() < 4) return;
    auto size = static_cast<size_t>(Parser(m.in.data(), 4).number<int32_t>());
    if (m.in.size() < 4 + size) return;
    std::string answer = m.in.substr(4, size);
    m.in.clear();
    Parser p(answer.data(), answer.size());
    p.number<int32_t>();  // correlation id
    p.number<int32_t>();  // throttle
    answered(i, m, p.number<int16_t>(), p);
  }

  void answered(size_t i, Member& m, int16_t code, Parser& p) {
    if (code == kCoordinatorLoading || code == kCoordinatorNotAvailable || code == kNotCoordinator)
      return at(i, kAgain);
    switch (m.doing) {
      case Doing::kFinding:
        if (code != kNone) fail(m.group + ": FindCoordinator error " + std::to_string(code));
        m.doing = Doing::kJoining;
        return due(i);
      case Doing::kJoining: return joined(i, m, code, p);
      case Doing::kSyncing:
        if (code == kRebalanceInProgress) return rejoin(i, m);
        if (code != kNone) return unsettled(i, m, code);
        m.doing = Doing::kStable;
        // Beats of a thousand groups do not come in step.
        return at(i, milliseconds((i * 2654435761U) % static_cast<uint64_t>(kHeartbeat.count())));
      case Doing::kStable: return beaten(i, m, code);
      case Doing::kLeaving:
        if (code != kNone) ++errors_;
        close(m.socket);
        m.doing = Doing::kGone;
        ++gone_;
        return;
      case Doing::kGone: return;
    }
  }

  void joined(size_t i, Member& m, int16_t code, Parser& p) {
    m.generation = p.number<int32_t>();
    p.text();  // protocol
    std::string leader = p.text(), id = p.text();
    if (code == kMemberIdRequired) {
      m.id = id;
      return due(i);
    }
    if (code == kUnknownMember) return unsettled(i, m, code);
    if (code != kNone) fail(m.group + ": JoinGroup error " + std::to_string(code));
    m.id = id;
    m.leader = leader == id;
    m.others.clear();
    for (int32_t count = p.number<int32_t>(); count > 0; --count) {
      m.others.push_back(p.text());
      p.text();  // instance id
      p.blob();
    }
    ++joins_;
    m.doing = Doing::kSyncing;
    due(i);
  }

  void rejoin(size_t i, Member& m) {
    ++rebalances_;
    if (m.beaten) --settled_;
    m.beaten = false;
    m.doing = Doing::kJoining;
    due(i);
  }

  void unsettled(size_t i, Member& m, int16_t code) {
    ++errors_;
    if (code == kUnknownMember) m.id.clear();
    rejoin(i, m);
  }

  void beaten(size_t i, Member& m, int16_t code) {
    if (code == kRebalanceInProgress) return rejoin(i, m);
    if (code != kNone) return unsettled(i, m, code);
    if (measuring_)
      micros_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - m.asked).count());
    if (!m.beaten) ++settled_;
    m.beaten = true;
    auto next = m.asked + kHeartbeat;
    timers_.push({std::max(next, Clock::now()), i});
  }

  // ---- the window that is measured
  // -------------------------------------------------------------------------------------

  void window() {
    auto now = Clock::now();
    if (!measuring_ && !done_ && settled_ == members_.size()) {
      measuring_ = true;
      since_ = now;
      std::printf("{\"settled_ms\": %.0f, \"joins\": %ld, \"rebalances\": %ld, \"errors\": %ld}\n",
                  std::chrono::duration<double, std::milli>(now - begin_).count(), joins_, rebalances_,
                  errors_);
      std::fflush(stdout);
      rebalances_ = 0;
    }
    if (measuring_ && now - since_ >= std::chrono::seconds(seconds_)) {
      measuring_ = false;
      done_ = true;
      std::sort(micros_.begin(), micros_.end());
      double seconds = std::chrono::duration<double>(now - since_).count();
      std::printf(
          "{\"heartbeats\": %zu, \"heartbeats_s\": %.1f, \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": "
          "%.0f, \"rebalances\": %ld, \"errors\": %ld}\n",
          micros_.size(), static_cast<double>(micros_.size()) / seconds, micros_[micros_.size() / 2],
          micros_[micros_.size() * 99 / 100], micros_.back(), rebalances_, errors_);
      std::fflush(stdout);
      // Everybody waits for a beat's timer or its answer now; who waits for a timer leaves at once.
      leave();
    }
  }

  void leave() {
    while (!timers_.empty()) timers_.pop();
    // An answer to a heartbeat may be under way: it is read before the request to leave is sent.
    for (auto& m : members_) {
      epoll_ctl(poll_, EPOLL_CTL_DEL, m.socket, nullptr);
    }
    for (size_t i = 0; i < members_.size(); ++i) {
      Member& m = members_[i];
      char rest[4096];
      while (recv(m.socket, rest, sizeof rest, MSG_DONTWAIT) > 0) {
      }
      m.in.clear();
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(poll_, EPOLL_CTL_ADD, m.socket, &event);
      m.doing = Doing::kLeaving;
      due(i);
    }
  }

  int port_, groups_, size_, seconds_, poll_ = -1;
  std::vector<Member> members_;
  std::priority_queue<Timer> timers_;
  std::vector<double> micros_;
  Clock::time_point begin_, since_;
  size_t settled_ = 0, gone_ = 0;
  long joins_ = 0, rebalances_ = 0, errors_ = 0;
  bool measuring_ = false, done_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: groups PORT GROUPS MEMBERS SECONDS");
  Load(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4])).run();
  return 0;
}
