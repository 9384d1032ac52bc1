// A store, a queue over it and tenants: what every test of jobs starts from.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "jobs/queue.hpp"
#include "support/test_store.hpp"
#include "tenancy/token_mint.hpp"

namespace host::jobs::testing {

inline Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

inline CallToken token(const std::string& tenant, const std::string& plugin = "") {
  const CallToken plain =
      tenancy::TokenMint::for_job(tenant, "user-1", "request-1", in(std::chrono::minutes(2)));
  return plugin.empty() ? plain : plain.through(plugin);
}

// What handlers did, for tests to wait for.
class Diary {
 public:
  void write(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // False if it does not come to pass within a generous time.
  bool wait(const std::function<bool(const std::vector<std::string>&)>& enough) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return enough(lines_); });
  }
  bool wait_for_lines(std::size_t count) {
    return wait([&](const auto& lines) { return lines.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

struct World {
  explicit World(QueueOptions queue_options = {}) : options(queue_options) {
    std::filesystem::create_directories(path);
    open();
  }
  ~World() {
    queue.reset();
    store.reset();
    std::filesystem::remove_all(path);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void open() {
    queue.reset();
    store = serai_test::make_store({path, 500, 3});
    queue = make_another();
  }
  std::unique_ptr<Queue> make_another() {
    return make_queue(*store,
                      {[](const std::string& tenant, const Job& job, Deadline deadline) {
                         return tenancy::TokenMint::for_job(tenant, job.user, job.request_id,
                                                            deadline);
                       },
                       [this] {
                         const std::lock_guard lock(mutex);
                         return tenants;
                       },
                       [this](const std::string& tenant, const std::string& plugin) {
                         const std::lock_guard lock(mutex);
                         return !off.contains({tenant, plugin});
                       }},
                      options);
  }
  CallToken make(const std::string& tenant) {
    store->create(token(tenant));
    const std::lock_guard lock(mutex);
    tenants.push_back(tenant);
    return token(tenant);
  }
  std::string enqueue(const CallToken& who, const JobSpec& spec) {
    const auto session = store->tenant(who);
    std::string id = queue->enqueue(who, *session, spec);
    queue->committed(who);
    return id;
  }
  std::optional<JobInfo> find(const CallToken& who, const std::string& id) {
    return queue->find(who, *store->tenant(who), id);
  }
  // Waits until the job is in `state`; false if that takes longer than it ever should.
  bool reaches(const CallToken& who, const std::string& id, JobState state) {
    const Deadline end = in(std::chrono::minutes(1));
    while (std::chrono::steady_clock::now() < end) {
      const auto job = find(who, id);
      if (job && job->state == state) return true;
      std::this_thread::yield();
    }
    return false;
  }

  QueueOptions options;
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("serai-test-" + random_hex(8));
  std::mutex mutex;
  std::vector<std::string> tenants;
  std::set<std::pair<std::string, std::string>> off;  // tenant and plugin
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Queue> queue;
};

inline JobSpec job(const std::string& kind, const std::string& payload = "{}") {
  JobSpec spec;
  spec.plugin = "crm";
  spec.kind = kind;
  spec.payload = payload;
  return spec;
}

}  // namespace host::jobs::testing
