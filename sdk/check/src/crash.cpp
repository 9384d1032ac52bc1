#include "crash.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include <cxxabi.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "arena.hpp"
#include "channel.hpp"
#include "house.hpp"

namespace serai::check {
namespace {

constexpr std::size_t kStack = 256 << 10;

// Async-signal-safe: no allocation, no lock.
void say(const char* before, const char* label, const char* after) {
  char text[512];
  std::size_t used = 0;
  for (const char* part : {before, label, after}) {
    for (; *part != '\0' && used < sizeof text - 1; ++part) text[used++] = *part;
  }
  text[used] = '\0';
  Channel::instance().fault(text);
}

std::uintptr_t stack_pointer(const void* context) {
#if defined(__x86_64__)
  const auto* user = static_cast<const ucontext_t*>(context);
  return static_cast<std::uintptr_t>(user->uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return static_cast<const ucontext_t*>(context)->uc_mcontext.sp;
#else
  return 0;
#endif
}

void on_signal(int number, siginfo_t* info, void* context) {
  if (number == SIGSEGV || number == SIGBUS) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const std::uintptr_t stack = stack_pointer(context);
    bool beyond = false;
    if (const char* label = lent_at(info->si_addr, &beyond)) {
      if (beyond)
        say("It reads beyond the end of ", label, ".");
      else
        say("It touches ", label, " after its end, or writes into it.");
    } else if (address + (64 << 10) > stack && address < stack + (64 << 10)) {
      say("It ran out of stack", "", ".");
    } else if (address < 4096) {
      say("It follows a null pointer", "", ".");
    }
  }
  std::signal(number, SIG_DFL);
  ::raise(number);
}

constexpr int kTerminated = 77;  // exit status of a fork
bool is_fork = false;

[[noreturn]] void on_terminate() {
  const Outside memory_is_there;
  std::string text = "std::terminate was called: ";
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    if (is_fork && *type == typeid(std::bad_alloc)) std::_Exit(kTerminated);
    int status = 0;
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    text += "an exception of type " + std::string(name ? name : type->name()) +
            " reached a function that must not throw";
    std::free(name);
  } else {
    text += "no exception is being handled (a thread was not joined?)";
  }
  Channel::instance().fault((text + ".").c_str());
  std::abort();
}

}  // namespace

void report_crashes() {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    ::sigaction(number, &action, nullptr);
  std::set_terminate(on_terminate);
}

Ending in_fork(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("There is no process for a fork of the check.");
  if (child == 0) {
    is_fork = true;
    try {
      body();
    } catch (const std::exception& error) {
      fail(error.what());
    }
    std::_Exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status))
    return WEXITSTATUS(status) == kTerminated ? Ending::terminated : Ending::fine;
  return Ending::crashed;
}

CrashStack::CrashStack()
    : memory_(::mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  if (memory_ == MAP_FAILED) return;
  const stack_t stack{memory_, 0, kStack};
  ::sigaltstack(&stack, nullptr);
}

CrashStack::~CrashStack() {
  if (memory_ == MAP_FAILED) return;
  const stack_t none{nullptr, SS_DISABLE, 0};
  ::sigaltstack(&none, nullptr);
  ::munmap(memory_, kStack);
}

}  // namespace serai::check
