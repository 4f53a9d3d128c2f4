// SPDX-License-Identifier: Apache-2.0
// The first and only program of the emulated guest beside the one under test: brings the system up, then does
// what the rig types at the serial line, one word and its arguments a line, and answers "agent: ...".
//
//   entropy HEX          random bytes from outside: the guest is resumed from the same memory each time
//   mount OPTIONS        the disk's driver, then /dev/vda as ext4 at /disk ("-": no options)
//   run NAME=VALUE ...   sets environment variables up to a word "--", and starts what follows
//   term                 SIGTERM to it
//   ping                 nothing
// Says "agent: ready" when it is up and "agent: ended CODE" when the program has ended.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace {

void say(const std::string& text) {
  const std::string line = "agent: " + text + "\n";
  (void)!write(STDOUT_FILENO, line.data(), line.size());
}

std::string why() { return std::strerror(errno); }

void load_module(const char* name) {
  const std::string path = "/modules/" + std::string{name} + ".ko";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
    say("error: module " + path + ": " + why());
  if (fd >= 0) close(fd);
}

void bring_up(const char* interface, const char* address) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
  const auto set = [&](unsigned long what, const char* value) {
    auto* at = reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
    at->sin_family = AF_INET;
    inet_pton(AF_INET, value, &at->sin_addr);
    if (ioctl(fd, what, &request) != 0) say("error: " + std::string{interface} + ": " + why());
  };
  if (address != nullptr) {
    set(SIOCSIFADDR, address);
    set(SIOCSIFNETMASK, "255.255.255.0");
  }
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) say("error: " + std::string{interface} + ": " + why());
  close(fd);
}

void bring_up_system() {
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/disk", 0755);
  mkdir("/tmp", 0755);
  mount("proc", "/proc", "proc", 0, nullptr);
  mount("sysfs", "/sys", "sysfs", 0, nullptr);
  mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
  const int serial = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
  if (serial >= 0) {
    termios raw{};
    tcgetattr(serial, &raw);
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST | ONLCR;
    tcsetattr(serial, TCSANOW, &raw);
    for (int fd = 0; fd < 3; ++fd) dup2(serial, fd);
  }
  for (const char* name : {"virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
                           "virtio_pci", "failover", "net_failover", "virtio_net"})
    load_module(name);
  bring_up("lo", nullptr);
  bring_up("eth0", "10.0.2.15");
}

void add_entropy(const std::string& hex) {
  // struct rand_pool_info: two ints, then the bytes.
  std::vector<unsigned char> bytes;
  for (std::size_t i = 0; i + 2 <= hex.size(); i += 2)
    bytes.push_back(static_cast<unsigned char>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16)));
  const int head[] = {static_cast<int>(bytes.size() * 8), static_cast<int>(bytes.size())};
  std::vector<unsigned char> pool(sizeof head + bytes.size());
  std::memcpy(pool.data(), head, sizeof head);
  std::memcpy(pool.data() + sizeof head, bytes.data(), bytes.size());
  const int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  const bool good = fd >= 0 && ioctl(fd, RNDADDENTROPY, pool.data()) == 0 && ioctl(fd, RNDRESEEDCRNG) == 0;
  if (fd >= 0) close(fd);
  say(good ? "entropy" : "error: entropy: " + why());
}

/// What the kernel said of the file system: why a mount failed.
std::string said_of_ext4() {
  std::string out;
  const int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return out;
  char record[2048];
  ssize_t n;
  while ((n = read(fd, record, sizeof record)) > 0 || (n < 0 && errno == EPIPE)) {
    if (n < 0) continue;                                          // older lines were dropped meanwhile
    const std::string text(record, static_cast<std::size_t>(n));  // "priority,number,time,-;line\n"
    const std::size_t from = text.find(';') + 1;
    const std::string line = text.substr(from, text.find('\n') - from);
    if (line.find("EXT4") != std::string::npos || line.find("JBD2") != std::string::npos) out += "; " + line;
  }
  close(fd);
  return out;
}

void mount_disk(const std::string& options) {
  load_module("virtio_blk");
  for (int i = 0; i < 500 && access("/dev/vda", F_OK) != 0; ++i) usleep(10000);
  const bool good = mount("/dev/vda", "/disk", "ext4", 0, options == "-" ? "" : options.c_str()) == 0;
  const std::string failure = why();
  say(good ? "mounted" : "error: mount: " + failure + said_of_ext4());
}

pid_t start(std::istringstream& words) {
  std::vector<std::string> environment, command;
  for (std::string word; words >> word && word != "--";) environment.push_back(word);
  for (std::string word; words >> word;) command.push_back(word);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  for (std::string& setting : environment) putenv(setting.data());
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  execv(arguments[0], arguments.data());
  say("error: " + command[0] + ": " + why());
  _exit(127);
}

}  // namespace

int main() {
  bring_up_system();
  signal(SIGCHLD, [](int) {});  // wakes poll
  say("ready");
  pid_t program = -1;
  std::string typed;
  while (true) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int polled = poll(&input, 1, 1000);
    int status = 0;
    while (const pid_t ended = waitpid(-1, &status, WNOHANG)) {
      if (ended < 0) break;
      if (ended == program)
        say("ended " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)));
    }
    if (polled <= 0) continue;
    char some[512];
    const ssize_t n = read(STDIN_FILENO, some, sizeof some);
    if (n <= 0) continue;
    typed.append(some, static_cast<std::size_t>(n));
    for (std::size_t end; (end = typed.find('\n')) != typed.npos; typed.erase(0, end + 1)) {
      std::istringstream words{typed.substr(0, end)};
      std::string word, argument;
      words >> word;
      if (word == "run") {
        program = start(words);
        say("started");
      } else if (word == "term") {
        kill(program, SIGTERM);
        say("told");
      } else if (words >> argument; word == "entropy") {
        add_entropy(argument);
      } else if (word == "mount") {
        mount_disk(argument);
      } else if (word == "ping") {
        say("here");
      } else if (!word.empty()) {
        say("unknown: " + word);  // typed while the machine was being resumed
      }
    }
  }
}
