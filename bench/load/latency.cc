// SPDX-License-Identifier: Apache-2.0
// Ack latency of a Kafka server, through librdkafka.
//
//   latency BOOTSTRAP TOPIC SIZE COUNT RATE [KEY=VALUE...]
//
// KEY=VALUE goes to librdkafka, but bench.burst=N (N records are due at the same moment, at the same average
// rate) and bench.warm.up=N (records that are sent one by one before, not counted; 50). RATE 0: closed loop,
// one record outstanding, for ten seconds at most. Otherwise open loop: record i is due at i/RATE seconds,
// whatever became of the ones before, and its latency counts from when it was due, so a stall is charged to
// every record that it delays. Prints one JSON object.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kClosedLoopAtMost{10};

struct Book {
  std::vector<Clock::time_point> due;
  std::vector<double> microseconds;  // of acked records, in the order of their acks
  std::atomic<long> done = 0;
  long failed = 0;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto now = Clock::now();
  auto& book = *static_cast<Book*>(opaque);
  auto i = reinterpret_cast<size_t>(message->_private);
  if (message->err != 0) {
    ++book.failed;
  } else {
    book.microseconds.push_back(std::chrono::duration<double, std::micro>(now - book.due[i]).count());
  }
  book.done.fetch_add(1, std::memory_order_release);
}

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "latency: %s: %s\n", what, why);
  std::exit(1);
}

rd_kafka_t* producer(Book& book, const char* bootstrap, int settings, char** setting) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  auto set = [&](const char* key, const char* value) {
    if (rd_kafka_conf_set(conf, key, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(key, error);
  };
  set("bootstrap.servers", bootstrap);
  set("linger.ms", "0");
  set("acks", "all");
  set("message.timeout.ms", "120000");
  set("socket.nagle.disable", "true");
  set("queue.buffering.max.messages", "1000000");
  set("log_level", "2");
  for (int i = 0; i < settings; ++i) {
    std::string pair = setting[i];
    size_t equals = pair.find('=');
    if (equals == std::string::npos) fail("not KEY=VALUE", setting[i]);
    if (pair.starts_with("bench.")) continue;
    set(pair.substr(0, equals).c_str(), pair.substr(equals + 1).c_str());
  }
  rd_kafka_conf_set_opaque(conf, &book);
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (client == nullptr) fail("producer", error);
  return client;
}

size_t own_setting(int settings, char** setting, const std::string& key, size_t otherwise) {
  for (int i = 0; i < settings; ++i) {
    if (std::string(setting[i]).starts_with(key + "="))
      return std::strtoul(setting[i] + key.size() + 1, nullptr, 10);
  }
  return otherwise;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0
                        : sorted[std::min(sorted.size() - 1,
                                          static_cast<size_t>(static_cast<double>(sorted.size()) * share))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) fail("usage", "latency BOOTSTRAP TOPIC SIZE COUNT RATE [KEY=VALUE...]");
  const size_t size = std::strtoul(argv[3], nullptr, 10);
  const size_t count = std::strtoul(argv[4], nullptr, 10);
  const double rate = std::strtod(argv[5], nullptr);
  const size_t burst = std::max<size_t>(1, own_setting(argc - 6, argv + 6, "bench.burst", 1));
  const size_t warm_up = own_setting(argc - 6, argv + 6, "bench.warm.up", 50);
  Book book;
  book.due.resize(std::max(count, warm_up));
  book.microseconds.reserve(book.due.size());
  rd_kafka_t* client = producer(book, argv[1], argc - 6, argv + 6);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, argv[2], nullptr);
  std::string value(size, 'x');
  auto send = [&](size_t i) {
    while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value.data(), size, nullptr, 0,
                            reinterpret_cast<void*>(i)) == -1) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  auto one_by_one = [&](size_t n) {
    auto end = Clock::now() + kClosedLoopAtMost;
    for (size_t i = 0; i < n && Clock::now() < end; ++i) {
      book.due[i] = Clock::now();
      send(i);
      while (book.done.load(std::memory_order_acquire) <= static_cast<long>(i)) rd_kafka_poll(client, 1000);
    }
  };
  one_by_one(warm_up);
  if (book.failed != 0) fail("warm-up", "records failed");
  book.done = 0;
  book.microseconds.clear();

  auto begin = Clock::now();
  if (rate <= 0) {
    one_by_one(count);
  } else {
    std::atomic<bool> stop = false;
    std::thread poller([&] {
      while (!stop.load(std::memory_order_relaxed)) rd_kafka_poll(client, 100);
    });
    for (size_t i = 0; i < count; ++i) {
      book.due[i] = begin + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(static_cast<double>(i / burst * burst) / rate));
      std::this_thread::sleep_until(book.due[i]);
      send(i);
    }
    while (book.done.load(std::memory_order_acquire) < static_cast<long>(count))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    stop = true;
    poller.join();
  }
  double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::sort(book.microseconds.begin(), book.microseconds.end());
  const auto& us = book.microseconds;
  std::printf(
      "{\"records\": %zu, \"failed\": %ld, \"seconds\": %.3f, \"per_s\": %.1f, \"min_us\": %.1f, \"p50_us\": "
      "%.1f, \"p90_us\": %.1f, "
      "\"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, \"curve_us\": [",
      us.size(), book.failed, seconds, static_cast<double>(us.size()) / seconds, percentile(us, 0),
      percentile(us, .5), percentile(us, .9), percentile(us, .99), percentile(us, .999), percentile(us, 1));
  const double shares[] = {.01, .05, .1, .25, .5, .75, .9, .95, .99, .995, .999, 1};
  for (size_t i = 0; i < std::size(shares); ++i)
    std::printf("%s[%g, %.1f]", i == 0 ? "" : ", ", shares[i], percentile(us, shares[i]));
  std::printf("]}\n");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return 0;
}
