// A queue without workers: the test drains it on its own thread.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "unit/jobs/world.hpp"

namespace host::jobs::testing {

using namespace std::chrono_literals;

inline QueueOptions quick() {
  QueueOptions options;
  options.backoff = 1ms;
  return options;
}

struct InOneThread : ::testing::Test {
  World world{quick()};
  CallToken acme = world.make("acme"), other = world.make("other");
  Diary diary;

  void take_jobs(JobHandler handler) { world.queue->set_plugin("crm", std::move(handler), {}, {}); }
  void take_jobs() {
    take_jobs([this](const CallToken& who, const Job& job) {
      diary.write(who.tenant() + " " + job.kind + " " + job.payload);
    });
  }
  // Runs what is due and does not wait for what is not.
  bool drain_now(const CallToken& who) { return world.queue->drain(who, in(30ms)); }
  bool drain(const CallToken& who) { return world.queue->drain(who, in(1min)); }
};

}  // namespace host::jobs::testing
