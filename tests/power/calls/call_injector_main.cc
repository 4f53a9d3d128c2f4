// SPDX-License-Identifier: Apache-2.0
// call_injector: runs a program and lets its n-th persistent system call fail, or not happen, or be its last.
//
//   call_injector --log FILE [--at N --do ACTION] [--sticky] -- PROGRAM ARGUMENTS
//
// Persistent calls are those that change what a disk holds: creating, writing, syncing, allocating,
// truncating, renaming and removing files, making folders. All threads' calls count in one row, from 1.
// Actions:
//   kill         the program is killed instead of the call
//   kill-after   the program is killed when the call has been made
//   EIO, ENOSPC  the call is not made and gives this error; with --sticky all later ones too
//   hold         nothing more happens in this thread; the log says so, and the caller does what it wants
// FILE gets one line per call, "N name path", and a last line "hit N" when the action was taken.
//
// It works on any program, also a static one: the kernel's seccomp filter stops only these calls, and ptrace
// looks at them; everything else runs at full speed.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#ifndef __x86_64__
#error "call_injector reads and writes the registers of x86-64"
#endif

namespace {

struct Call {
  long number;
  const char* name;
  int fd_argument;  // the descriptor whose path is logged
};
constexpr Call kCalls[] = {
    {SYS_openat, "create", 0},       {SYS_pwrite64, "pwrite", 0},
    {SYS_pwritev, "pwritev", 0},     {SYS_pwritev2, "pwritev2", 0},
    {SYS_fdatasync, "fdatasync", 0}, {SYS_fsync, "fsync", 0},
    {SYS_fallocate, "fallocate", 0}, {SYS_ftruncate, "ftruncate", 0},
    {SYS_renameat, "renameat", 0},   {SYS_renameat2, "renameat2", 0},
    {SYS_rename, "rename", -1},      {SYS_unlinkat, "unlinkat", 0},
    {SYS_unlink, "unlink", -1},      {SYS_mkdir, "mkdir", -1},
    {SYS_mkdirat, "mkdirat", 0},     {SYS_sync_file_range, "sync_file_range", 0},
};

/// Stops at the calls of the table; openat only when it may create.
std::vector<sock_filter> filter() {
  std::vector<sock_filter> out;
  const auto load = [&](std::size_t at) {
    out.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(at)));
  };
  load(offsetof(seccomp_data, nr));
  for (const Call& call : kCalls) {
    const bool is_open = call.number == SYS_openat;
    out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0,
                           static_cast<unsigned char>(is_open ? 4 : 1)));
    if (is_open) {
      load(offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t));
      out.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 0, 1));
    }
    out.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
    if (is_open) out.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  out.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return out;
}

[[noreturn]] void run_child(char** command) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  raise(SIGSTOP);
  std::vector<sock_filter> code = filter();
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::perror("call_injector: seccomp");
    _exit(125);
  }
  execvp(command[0], command);
  std::perror(command[0]);
  _exit(127);
}

std::string path_of(pid_t pid, const user_regs_struct& regs, const Call& call) {
  if (call.fd_argument < 0) return "";
  char text[64], found[4096];
  std::snprintf(text, sizeof text, "/proc/%d/fd/%d", pid, static_cast<int>(regs.rdi));
  const ssize_t n = readlink(text, found, sizeof found);
  std::string path = n > 0 ? std::string{found, static_cast<std::size_t>(n)} : "";
  path = path.substr(path.rfind('/') + 1);
  if (call.number != SYS_openat && call.number != SYS_renameat && call.number != SYS_unlinkat) return path;
  // The name is in the program's memory.
  const unsigned long long at = regs.rsi;
  std::string name;
  for (unsigned long long word_at = at; name.size() < 256; word_at += sizeof(long)) {
    errno = 0;
    const long word = ptrace(PTRACE_PEEKDATA, pid, word_at, nullptr);
    if (errno != 0) break;
    const char* bytes = reinterpret_cast<const char*>(&word);
    const std::size_t length = strnlen(bytes, sizeof word);
    name.append(bytes, length);
    if (length < sizeof word) break;
  }
  return path + "/" + name;
}

struct Arguments {
  std::string log, action;
  long at = 0;
  bool sticky = false;
  char** command = nullptr;
};

bool parse(int argc, char** argv, Arguments* out) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--") {
      out->command = argv + i + 1;
      break;
    }
    if (name == "--sticky") {
      out->sticky = true;
    } else if (i + 1 < argc && name == "--log") {
      out->log = argv[++i];
    } else if (i + 1 < argc && name == "--at") {
      out->at = std::strtol(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && name == "--do") {
      out->action = argv[++i];
    } else {
      return false;
    }
  }
  constexpr std::string_view kActions[] = {"", "kill", "kill-after", "EIO", "ENOSPC", "hold"};
  return out->command != nullptr && *out->command != nullptr && !out->log.empty() &&
         std::ranges::count(kActions, out->action) == 1;
}

pid_t child = 0;
void pass_on(int signal) { kill(child, signal); }

class Tracer {
 public:
  Tracer(const Arguments& arguments, std::FILE* log) : arguments_(arguments), log_(log) {}

  int run() {
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return 125;
    ptrace(PTRACE_SETOPTIONS, child, nullptr,
           PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
               PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC);
    ptrace(PTRACE_CONT, child, nullptr, nullptr);
    while (true) {
      const pid_t pid = waitpid(-1, &status, __WALL);
      if (pid < 0 && errno == EINTR) continue;
      if (pid < 0) return 125;
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        if (pid == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        continue;
      }
      if (WIFSTOPPED(status)) stopped(pid, status);
    }
  }

 private:
  void stopped(pid_t pid, int status) {
    const int event = status >> 16;
    int signal = 0;
    if (event == PTRACE_EVENT_SECCOMP) {
      if (!persistent_call(pid)) return;  // it does not go on
    } else if (event == 0) {
      signal = WSTOPSIG(status);
      if (leaving_.erase(pid) != 0 && signal == SIGTRAP) {
        kill(child, SIGKILL);  // the call has been made
        signal = 0;
      } else if (signal == SIGSTOP && seen_.insert(pid).second && pid != child) {
        signal = 0;  // a new thread begins with this
      }
    }
    ptrace(PTRACE_CONT, pid, nullptr, signal);
  }

  /// Whether the thread goes on as usual from here.
  bool persistent_call(pid_t pid) {
    user_regs_struct regs{};
    if (ptrace(PTRACE_GETREGS, pid, nullptr, &regs) != 0) return true;
    const auto* call = std::ranges::find(kCalls, static_cast<long>(regs.orig_rax), &Call::number);
    if (call == std::end(kCalls)) return true;
    ++count_;
    std::fprintf(log_, "%ld %s %s\n", count_, call->name, path_of(pid, regs, *call).c_str());
    const bool hit =
        arguments_.at > 0 && (count_ == arguments_.at || (arguments_.sticky && count_ > arguments_.at));
    if (hit && count_ == arguments_.at) std::fprintf(log_, "hit %ld\n", count_);
    std::fflush(log_);
    return !hit || act(pid, regs);
  }

  bool act(pid_t pid, user_regs_struct regs) {
    const std::string& action = arguments_.action;
    if (action == "hold") return false;
    if (action == "kill") {
      kill(child, SIGKILL);
    } else if (action == "kill-after") {
      leaving_.insert(pid);
      ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
      return false;
    } else {
      regs.orig_rax = static_cast<unsigned long long>(-1);  // no call
      regs.rax = static_cast<unsigned long long>(-(action == "EIO" ? EIO : ENOSPC));
      ptrace(PTRACE_SETREGS, pid, nullptr, &regs);
    }
    return true;
  }

  const Arguments& arguments_;
  std::FILE* log_;
  long count_ = 0;
  std::set<pid_t> seen_, leaving_;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, &arguments)) {
    std::fprintf(
        stderr,
        "usage: call_injector --log FILE [--at N --do kill|kill-after|EIO|ENOSPC|hold] [--sticky] -- "
        "PROGRAM ARGUMENTS\n");
    return 2;
  }
  std::FILE* log = std::fopen(arguments.log.c_str(), "we");
  if (log == nullptr) {
    std::perror(arguments.log.c_str());
    return 125;
  }
  child = fork();
  if (child == 0) run_child(arguments.command);
  if (child < 0) return 125;
  for (const int signal : {SIGTERM, SIGINT}) {
    struct sigaction action {};
    action.sa_handler = pass_on;
    sigaction(signal, &action, nullptr);
  }
  const int code = Tracer{arguments, log}.run();
  std::fclose(log);
  return code;
}
