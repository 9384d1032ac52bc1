#include "plugins/stack_trace.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <sstream>

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

namespace host::plugins {
namespace {

constexpr int kSignal = SIGURG;
constexpr int kMaxFrames = 64;
constexpr pid_t kNobody = 0, kWriting = -1;

// Everything the handler touches. One trace at a time: `asked` says whose.
struct Slot {
  std::atomic<pid_t> asked{kNobody};
  std::array<void*, kMaxFrames> frames{};
  int count = 0;
  void* interrupted = nullptr;  // the instruction; the frames above it are the handler's
  sem_t written{};
};
Slot slot;
std::mutex one_at_a_time;

void* instruction_of(const ucontext_t& context) {
#if defined(__x86_64__)
  return reinterpret_cast<void*>(context.uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(context.uc_mcontext.pc);
#else
#error "say here where this processor keeps the interrupted instruction"
#endif
}

// Async-signal-safe: gettid, backtrace (after the first one of the process) and sem_post are.
void write_down(int, siginfo_t*, void* context) {
  const int saved = errno;
  pid_t me = static_cast<pid_t>(::syscall(SYS_gettid));
  if (slot.asked.compare_exchange_strong(me, kWriting, std::memory_order_acq_rel)) {
    slot.interrupted = instruction_of(*static_cast<const ucontext_t*>(context));
    slot.count = ::backtrace(slot.frames.data(), kMaxFrames);
    ::sem_post(&slot.written);
  }
  errno = saved;
}

bool written_within(std::chrono::milliseconds patience) {
  timespec until{};
  ::clock_gettime(CLOCK_MONOTONIC, &until);
  const auto nanoseconds =
      until.tv_nsec + std::chrono::duration_cast<std::chrono::nanoseconds>(patience).count();
  until.tv_sec += static_cast<time_t>(nanoseconds / 1'000'000'000);
  until.tv_nsec = nanoseconds % 1'000'000'000;
  int result = 0;
  do {
    result = ::sem_clockwait(&slot.written, CLOCK_MONOTONIC, &until);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

// A plugin is loaded from a memory file: its link has the name of the file it was read from.
std::string file_of(const char* loaded_as) {
  std::string path = loaded_as ? loaded_as : "?";
  if (path.starts_with("/proc/self/fd/")) {
    std::array<char, 300> link{};
    if (const ssize_t size = ::readlink(path.c_str(), link.data(), link.size()); size > 0)
      path.assign(link.data(), static_cast<std::size_t>(size));
    if (path.starts_with("/memfd:")) path.erase(0, 7);
    if (const auto end = path.rfind(" (deleted)"); end != std::string::npos) path.resize(end);
  }
  return path.substr(path.rfind('/') + 1);
}

std::string named(std::uintptr_t at) {
  std::ostringstream text;
  Dl_info info{};
  void* extra = nullptr;
  if (::dladdr1(reinterpret_cast<void*>(at), &info, &extra, RTLD_DL_LINKMAP) == 0) {
    text << "?+0x" << std::hex << at;
    return text.str();
  }
  const auto base = static_cast<const link_map*>(extra)->l_addr;
  text << file_of(info.dli_fname) << "+0x" << std::hex << at - base;
  if (info.dli_sname) {
    int status = -1;
    const std::unique_ptr<char, decltype(&std::free)> readable(
        abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status), &std::free);
    text << ' ' << (status == 0 ? readable.get() : info.dli_sname);
  }
  return text.str();
}

}  // namespace

void prepare_stack_traces() noexcept {
  static const bool once = [] {
    ::sem_init(&slot.written, 0, 0);
    void* frame = nullptr;
    (void)::backtrace(&frame, 1);  // loads the unwinder, which later is too late for
    struct sigaction action {};
    action.sa_sigaction = write_down;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    return ::sigaction(kSignal, &action, nullptr) == 0;
  }();
  (void)once;
}

std::vector<std::string> stack_of(pid_t thread, std::chrono::milliseconds patience) {
  const std::lock_guard lock(one_at_a_time);
  pid_t nobody = kNobody;
  // Not free: an earlier one that was asked never came to its end; the memory stays its.
  if (!slot.asked.compare_exchange_strong(nobody, thread)) return {};
  pid_t still = thread;
  if (::syscall(SYS_tgkill, ::getpid(), thread, kSignal) != 0 || !written_within(patience)) {
    if (slot.asked.compare_exchange_strong(still, kNobody)) return {};  // it never began
    if (!written_within(patience)) return {};
  }
  std::vector<std::string> lines;
  const std::span frames(slot.frames.data(), static_cast<std::size_t>(slot.count));
  const auto own = std::find(frames.begin(), frames.end(), slot.interrupted);
  // Unwound past it, which should not be: then the handler's frames are better than none.
  for (void* frame : frames.subspan(own == frames.end() ? 0 : own - frames.begin()))
    // A return address is behind its call, which may be the last instruction of its function.
    lines.push_back(
        named(reinterpret_cast<std::uintptr_t>(frame) - (frame == slot.interrupted ? 0 : 1)));
  slot.asked.store(kNobody);
  return lines;
}

}  // namespace host::plugins
