// Starting, asking and ending a child; see the header.
#include "plugins/isolated/child_process.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "isolation/plugin_clock.hpp"
#include "observe/log.hpp"
#include "plugins/isolated/broker.hpp"
#include "plugins/library.hpp"

namespace host::plugins {
namespace {

using isolation::Lane;
using isolation::Outcome;
using std::chrono::milliseconds;

// A handler that sees its deadline and says so itself gets the time to do it.
constexpr milliseconds kGrace{50};
constexpr milliseconds kStartTime{10'000};
// What a child needs for itself, without the stacks.
constexpr std::uint64_t kOwnMemory = 16u << 20;
constexpr int kExitMemory = 5;
// Of the processor, beside 100 of the host: requests that are not isolated come first.
constexpr unsigned kWeight = 50;

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw LoadError(name + ": " + why + ".");
}

std::string runner_path() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  return (own.parent_path() / "serai-plugin-host").string();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

// The delegation makes the object whole, so that the destructor cleans up what start() began.
ChildProcess::ChildProcess(const ChildPlan& plan) : ChildProcess(plan.memory) {
  start(plan);
  wait_until_ready(plan.name);
}

void ChildProcess::start(const ChildPlan& plan) {
  const std::size_t lanes = plan.lanes + 1;
  memory_bytes_ = lanes * Lane::bytes();
  Descriptor memory(::memfd_create("lanes", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (memory.get() < 0 || ::ftruncate(memory.get(), static_cast<off_t>(memory_bytes_)) != 0)
    refuse(plan.name, "there is no memory to talk to its process; free some");
  // A child that could shrink it would kill us with SIGBUS.
  ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  void* view = ::mmap(nullptr, memory_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (view == MAP_FAILED) refuse(plan.name, "there is no memory to talk to its process; free some");
  memory_ = static_cast<std::byte*>(view);
  const bool may_spin = ::sysconf(_SC_NPROCESSORS_ONLN) > 1;
  for (std::size_t i = 0; i < lanes; ++i)
    lanes_.push_back(std::make_unique<LaneOfHost>(memory_ + i * Lane::bytes(), may_spin));

  int ends[2], pipe[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    refuse(plan.name, "there is no descriptor for its process; raise the limit");
  control_.reset(ends[0]);
  const Descriptor theirs(ends[1]);
  if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    refuse(plan.name, "there is no descriptor for its process; raise the limit");
  output_.reset(pipe[0]);
  const Descriptor output(pipe[1]);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  // Upwards first, so that none is overwritten before it was copied.
  const std::pair<int, int> wanted[] = {{theirs.get(), isolation::kControl},
                                        {memory.get(), isolation::kMemory},
                                        {plan.library, isolation::kLibrary}};
  std::vector<Descriptor> copies;
  for (const auto& [from, to] : wanted) {
    copies.emplace_back(::fcntl(from, F_DUPFD_CLOEXEC, 10));
    ::posix_spawn_file_actions_adddup2(&actions, copies.back().get(), to);
  }
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), 2);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: a terminal's Ctrl-C is the host's business.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  const std::string runner = runner_path();
  const std::uint64_t private_memory = plan.memory + kOwnMemory + lanes * isolation::kStackBytes;
  std::vector<std::string> words = {"serai-plugin-host",     plan.name,
                                    std::to_string(lanes),   std::to_string(private_memory),
                                    joined(plan.interfaces), isolation::held_clock_text()};
  words.insert(words.end(), plan.libraries.begin(), plan.libraries.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char locale[] = "LC_ALL=C.UTF-8";
  char* environment[] = {locale, nullptr};
  const int error =
      ::posix_spawn(&pid_, runner.c_str(), &actions, &attributes, arguments.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    pid_ = -1;
    refuse(plan.name, runner + " cannot be started (" + std::strerror(error) +
                          "); it belongs beside the serai program");
  }
  process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  // What its resource limits do not count (shared memory, the kernel's own) is bounded here.
  static std::atomic<unsigned> number{0};
  cgroup_ = isolation::Cgroups::of_host().make(
      "plugin-" + plan.name + "-" + std::to_string(::getpid()) + "-" + std::to_string(++number),
      {private_memory + memory_bytes_, static_cast<unsigned>(lanes) + 4, kWeight});
  if (cgroup_ && !cgroup_->add(pid_)) cgroup_.reset();
}

void ChildProcess::wait_until_ready(const std::string& name) {
  pollfd waiting{control_.get(), POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&waiting, 1, static_cast<int>(kStartTime.count()));
  while (ready < 0 && errno == EINTR);
  char text[2000];
  const ssize_t got = ready > 0 ? ::recv(control_.get(), text, sizeof text, MSG_DONTWAIT) : -1;
  const std::string_view said(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  if (said == "ready\n") return;
  if (said.starts_with("fault\n")) {
    std::string why(said.substr(6));
    for (char& c : why)
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    refuse(name, "its process could not load it (" + why + ")");
  }
  if (ready == 0) {
    kill("did not start in time");
    refuse(name, "its process did not start within 10 s");
  }
  kill("ended while it was loaded");
  reap();
  char words[1000];
  const ssize_t written = ::read(output_.get(), words, sizeof words);
  refuse(name,
         "its process " + end_reason() + " while it was loaded" +
             (written > 0 ? " and said: " + std::string(words, static_cast<std::size_t>(written))
                          : std::string()));
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !reaped_) {
    kill("was ended by the host");
    reap();
  }
  if (memory_) ::munmap(memory_, memory_bytes_);
}

void ChildProcess::kill(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (reason_.empty()) reason_ = reason;
  }
  if (process_.get() >= 0) ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
}

void ChildProcess::reap() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  char said[16];
  const ssize_t got = ::recv(control_.get(), said, sizeof said, MSG_DONTWAIT);
  const bool memory = (info.si_code == CLD_EXITED && info.si_status == kExitMemory && got > 0) ||
                      (info.si_code == CLD_KILLED && cgroup_ && cgroup_->killed_for_memory());
  {
    const std::lock_guard lock(mutex_);
    if (memory)
      reason_ = "needed more than its " + std::to_string(limit_ >> 20) + " MiB of memory";
    else if (reason_.empty() && info.si_code == CLD_EXITED)
      reason_ = "ended by itself with status " + std::to_string(info.si_status);
    else if (reason_.empty())
      reason_ = "was killed by signal " + std::to_string(info.si_status) + " (" +
                ::sigdescr_np(info.si_status) + ")";
    ended_.store(true, std::memory_order_release);
  }
  lane_free_.notify_all();
  for (auto& lane : lanes_) lane->lane.ring_all();
}

std::string ChildProcess::end_reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

ChildProcess::LaneOfHost* ChildProcess::take_lane(Time deadline) {
  std::unique_lock lock(mutex_);
  LaneOfHost* found = nullptr;
  const auto look = [&] {
    for (std::size_t i = 1; i < lanes_.size() && !found; ++i)
      if (!lanes_[i]->taken) found = lanes_[i].get();
    return found || ended();
  };
  if (!lane_free_.wait_until(lock, deadline, look) || !found) return nullptr;
  found->taken = true;
  return found;
}

void ChildProcess::give_lane(LaneOfHost& lane, Time at, bool usable) {
  if (!usable) return;  // the process is doomed with it
  {
    const std::lock_guard lock(mutex_);
    lane.taken = false;
    last_used_ = at;
  }
  lane_free_.notify_one();
}

ChildAnswer ChildProcess::ask(isolation::Ask ask, std::string_view payload, Time deadline) {
  LaneOfHost* lane = take_lane(deadline);
  if (!lane) return {ended() ? Failure::gone : Failure::busy, {}};
  const auto began = std::chrono::steady_clock::now();
  ChildAnswer answer = converse(*lane, ask, payload, deadline);
  const auto over = std::chrono::steady_clock::now();
  answer.took = over - began;
  give_lane(*lane, over, answer.failure == Failure::none);
  return answer;
}

ChildAnswer ChildProcess::ask_alone(isolation::Ask ask, std::string_view payload, Time deadline) {
  return converse(*lanes_.front(), ask, payload, deadline);
}

ChildAnswer ChildProcess::converse(LaneOfHost& lane, isolation::Ask ask, std::string_view payload,
                                   Time deadline) {
  const isolation::Patience patience{deadline + kGrace, process_.get(), &ended_};
  const auto give_up = [&](Outcome outcome) -> ChildAnswer {
    if (outcome == Outcome::late) {
      kill("ran beyond its deadline");
      return {Failure::overdue, {}};
    }
    if (outcome == Outcome::lie) kill("broke the protocol");
    return {Failure::gone, {}};
  };
  Outcome outcome{};
  try {
    outcome = lane.lane.send(static_cast<std::uint32_t>(ask), payload, patience);
    while (outcome == Outcome::done) {
      std::uint32_t kind = 0;
      outcome = lane.lane.receive(kind, lane.in, patience);
      if (outcome != Outcome::done) break;
      if (kind == isolation::kDone) return {Failure::none, lane.in};
      // One that never stops talking would otherwise never be found late. A good answer comes but
      // once.
      if (kind != static_cast<std::uint32_t>(isolation::Function::good_answer) &&
          std::chrono::steady_clock::now() > patience.deadline) {
        outcome = Outcome::late;
        break;
      }
      if (broker(kind, lane.in, lane.out))
        outcome = lane.lane.send(isolation::kReturn, lane.out, patience);
    }
  } catch (const isolation::BadMessage&) {
    outcome = Outcome::lie;
  } catch (const std::exception& error) {
    // It would wait for an answer for ever.
    kill(std::string("could not be answered (") + error.what() + ")");
    outcome = Outcome::gone;
  }
  return give_up(outcome);
}

bool ChildProcess::idle() const {
  const std::lock_guard lock(mutex_);
  for (const auto& lane : lanes_)
    if (lane->taken) return false;
  return true;
}

ChildProcess::Time ChildProcess::last_used() const {
  const std::lock_guard lock(mutex_);
  return last_used_;
}

}  // namespace host::plugins
