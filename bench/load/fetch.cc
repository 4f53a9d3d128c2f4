// SPDX-License-Identifier: Apache-2.0
// How fast a server gives out what it stores, with a reader that does nothing but take the bytes; and how
// fast the kernel does the same by itself.
//
//   fetch kafka PORT TOPIC MAX_BYTES PASSES     Fetch version 11 of partition 0 from its start to its end,
//   PASSES times, one
//                                               request outstanding, MAX_BYTES a request
//   fetch sendfile FILE PASSES                  a thread that sends FILE by sendfile(2), 1 MiB a call, PASSES
//   times
//
// Both read with the same loop. Prints one JSON object.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBuffer = 256 * 1024;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int dial(int port) {
  int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  int on = 1;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return s;
}

/// Takes bytes from a socket through one buffer.
class Reader {
 public:
  explicit Reader(int s) : socket_(s), buffer_(kBuffer) {}

  void take(void* to, size_t size) {
    auto* out = static_cast<char*>(to);
    while (size > 0) {
      if (begin_ == end_) fill();
      size_t part = std::min(size, end_ - begin_);
      std::memcpy(out, buffer_.data() + begin_, part);
      begin_ += part, out += part, size -= part;
    }
  }
  void skip(size_t size) {
    while (size > 0) {
      if (begin_ == end_) fill();
      size_t part = std::min(size, end_ - begin_);
      begin_ += part, size -= part;
    }
  }
  template <class T> T number() {
    unsigned char bytes[sizeof(T)];
    take(bytes, sizeof bytes);
    uint64_t value = 0;
    for (unsigned char b : bytes) value = value << 8 | b;
    return static_cast<T>(value);
  }

 private:
  void fill() {
    ssize_t n = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (n <= 0) fail("recv");
    begin_ = 0, end_ = static_cast<size_t>(n);
  }

  int socket_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
};

class Request {
 public:
  template <class T> Request& add(T value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
      bytes_ += static_cast<char>(static_cast<uint64_t>(value) >> shift);
    return *this;
  }
  Request& add(const std::string& text) {
    add(static_cast<int16_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  void send_to(int s) const {
    Request framed;
    framed.add(static_cast<int32_t>(bytes_.size()));
    std::string all = framed.bytes_ + bytes_;
    if (send(s, all.data(), all.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(all.size())) fail("send");
  }

 private:
  std::string bytes_;
};

struct Got {
  uint64_t bytes = 0, requests = 0;
};

/// Reads the partition once. Batches are walked by their headers, as every consumer has to.
Got read_partition(int s, Reader& in, const std::string& topic, int32_t max_bytes) {
  Got got;
  int64_t offset = 0;
  while (true) {
    Request request;
    request.add<int16_t>(1).add<int16_t>(11).add<int32_t>(1).add(std::string("fetch"));
    request.add<int32_t>(-1)
        .add<int32_t>(500)
        .add<int32_t>(1)
        .add<int32_t>(52428800)
        .add<int8_t>(0)
        .add<int32_t>(0)
        .add<int32_t>(-1);
    request.add<int32_t>(1).add(topic).add<int32_t>(1);
    request.add<int32_t>(0).add<int32_t>(-1).add<int64_t>(offset).add<int64_t>(-1).add<int32_t>(max_bytes);
    request.add<int32_t>(0).add(std::string());
    request.send_to(s);
    ++got.requests;
    auto size = in.number<int32_t>();
    in.skip(4 + 4 + 2 + 4);  // correlation id, throttle, error, session
    int32_t left = size - 14;
    if (in.number<int32_t>() != 1) fail("one topic was asked for");
    auto name = in.number<int16_t>();
    in.skip(static_cast<size_t>(name) + 4 + 4);  // name, partitions, partition
    auto error = in.number<int16_t>();
    auto high_watermark = in.number<int64_t>();
    in.skip(8 + 8);  // last stable offset, log start offset
    auto aborted = in.number<int32_t>();
    if (aborted > 0) in.skip(static_cast<size_t>(aborted) * 16);
    in.skip(4);  // preferred read replica
    auto records = in.number<int32_t>();
    left -= 4 + 2 + name + 4 + 4 + 2 + 8 + 16 + 4 + std::max(aborted, 0) * 16 + 4 + 4;
    if (error != 0) {
      std::fprintf(stderr, "fetch: error %d at offset %lld\n", error, static_cast<long long>(offset));
      std::exit(1);
    }
    auto rest = static_cast<size_t>(std::max(records, 0));
    left -= static_cast<int32_t>(rest);
    got.bytes += rest;
    while (rest >= 61) {
      auto base = in.number<int64_t>();
      auto length = static_cast<size_t>(in.number<int32_t>());
      rest -= 12;
      if (length > rest) break;  // cut off by the size that was asked for
      in.skip(11);               // leader epoch, magic, checksum, attributes
      offset = base + in.number<int32_t>() + 1;
      in.skip(length - 15);
      rest -= length;
    }
    in.skip(rest + static_cast<size_t>(left));
    if (offset >= high_watermark) return got;
  }
}

Got read_stream(int s, uint64_t bytes) {
  Reader in(s);
  in.skip(bytes);
  return {bytes, 0};
}

void report(const Got& got, double seconds) {
  std::printf("{\"bytes\": %llu, \"requests\": %llu, \"seconds\": %.4f, \"mb_s\": %.1f}\n",
              static_cast<unsigned long long>(got.bytes), static_cast<unsigned long long>(got.requests),
              seconds, static_cast<double>(got.bytes) / seconds / 1e6);
}

int serve_file(const char* path, uint64_t passes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  off_t size = lseek(file, 0, SEEK_END);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0)
    fail("listen");
  socklen_t length = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  int s = dial(ntohs(address.sin_port));
  int peer = accept(listener, nullptr, nullptr);
  if (peer < 0) fail("accept");
  auto begin = std::chrono::steady_clock::now();
  std::thread sender([&] {
    for (uint64_t pass = 0; pass < passes; ++pass) {
      off_t at = 0;
      while (at < size) {
        if (sendfile(peer, file, &at, std::min<size_t>(1 << 20, static_cast<size_t>(size - at))) <= 0)
          fail("sendfile");
      }
    }
  });
  Got got = read_stream(s, static_cast<uint64_t>(size) * passes);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  sender.join();
  report(got, seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "sendfile" && argc == 4) return serve_file(argv[2], std::strtoull(argv[3], nullptr, 10));
  if (mode != "kafka" || argc != 6) {
    std::fprintf(stderr, "usage: fetch kafka PORT TOPIC MAX_BYTES PASSES | fetch sendfile FILE PASSES\n");
    return 2;
  }
  int s = dial(std::atoi(argv[2]));
  Reader in(s);
  Got all;
  auto begin = std::chrono::steady_clock::now();
  for (int pass = 0; pass < std::atoi(argv[5]); ++pass) {
    Got got = read_partition(s, in, argv[3], std::atoi(argv[4]));
    all.bytes += got.bytes, all.requests += got.requests;
  }
  report(all, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return 0;
}
