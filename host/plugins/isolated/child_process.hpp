// One process of a plugin: started, talked to over its lanes, ended. The thread that starts it must
// outlive it, because the kernel ends the child with that thread (parent-death signal). Everything
// the child sends is a claim: a child that lies, hangs or dies makes calls fail, nothing else.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"
#include "isolation/cgroup.hpp"
#include "isolation/lane.hpp"
#include "isolation/protocol.hpp"
#include "serai/abi/base.h"

namespace host::plugins {

struct ChildPlan {
  std::string name;                     // of the plugin, for the process list
  int library = -1;                     // sealed memfd; the caller's
  std::vector<std::string> libraries;   // of the system, that it is linked with
  std::vector<std::string> interfaces;  // granted, short names
  std::size_t lanes = 8;                // calls at once, the lifecycle's not counted
  std::uint64_t memory = 0;             // bytes it may use privately
};

// Why an ask has no answer.
enum class Failure : std::uint8_t { none, overdue, gone, busy };

struct ChildAnswer {
  Failure failure = Failure::none;
  std::string payload;  // without failure
  std::chrono::nanoseconds took{0};
};

class ChildProcess {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Starts the process and waits until it is confined and has loaded the plugin. Throws LoadError.
  explicit ChildProcess(const ChildPlan& plan);
  // Kills it if it still runs, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Asks on a free lane (waiting for one until `deadline`) and serves the host calls that come
  // back, on this thread and in its call context. A child that has not answered at `deadline` and
  // some milliseconds of grace is killed.
  ChildAnswer ask(isolation::Ask ask, std::string_view payload, Time deadline);
  // The same on the lifecycle's lane: one at a time.
  ChildAnswer ask_alone(isolation::Ask ask, std::string_view payload, Time deadline);

  int process() const { return process_.get(); }  // pidfd: readable when it has ended
  int pid() const { return pid_; }
  // What it writes to its standard descriptors; -1 once it closed them.
  int output() const { return output_.get(); }
  void close_output() { output_.reset(); }
  bool ended() const { return ended_.load(std::memory_order_acquire); }

  // SIGKILL; `reason` is what end_reason() will say.
  void kill(const std::string& reason);
  // After process() became readable: takes the exit status, wakes all who wait. Once.
  void reap();
  // "was killed by signal 11 (Segmentation fault)"; after reap().
  std::string end_reason() const;

  // For choosing which idle child goes first.
  bool idle() const;
  Time last_used() const;

 private:
  struct LaneOfHost {
    LaneOfHost(std::byte* memory, bool may_spin)
        : lane(memory, isolation::Lane::End::host, may_spin) {}
    isolation::Lane lane;
    bool taken = false;
    std::string in, out;
  };

  explicit ChildProcess(std::uint64_t limit) : limit_(limit) {}
  void start(const ChildPlan& plan);
  void wait_until_ready(const std::string& name);
  LaneOfHost* take_lane(Time deadline);
  void give_lane(LaneOfHost& lane, Time at, bool usable);
  ChildAnswer converse(LaneOfHost& lane, isolation::Ask ask, std::string_view payload,
                       Time deadline);

  std::optional<isolation::Cgroup> cgroup_;  // where the host may make one
  int pid_ = -1;
  Descriptor process_, control_, output_;
  std::byte* memory_ = nullptr;
  std::size_t memory_bytes_ = 0;
  std::uint64_t limit_;
  std::atomic<bool> ended_{false};
  bool reaped_ = false;

  mutable std::mutex mutex_;
  std::condition_variable lane_free_;
  std::vector<std::unique_ptr<LaneOfHost>> lanes_;  // the first is the lifecycle's
  Time last_used_ = std::chrono::steady_clock::now();
  std::string reason_;
};

}  // namespace host::plugins
