// The platform's tenants as every request asks for them: in memory, right at once after a change of
// this process, and as soon as it is announced after one of another (storage/changes.hpp); where
// nobody announces, within half a second. A change reads its own row again, not all of them.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::tenancy {

// Changes of tenants are announced under this topic: an id, or "".
inline constexpr const char* kTenantsTopic = "tenants";

class KnownTenants {
 public:
  // The tables exist; `store` must outlive this.
  explicit KnownTenants(storage::Store& store);

  // May ask the database, and throw what it throws.
  std::vector<Tenant> list();
  std::shared_ptr<const Tenant> find(std::string_view id);  // null: there is none

  // This process has changed that tenant; `number` is the change's (tenancy_changes), as committed.
  void changed(std::string_view id, std::int64_t number);

 private:
  using ById = std::map<std::string, std::shared_ptr<const Tenant>, std::less<>>;

  class Turn;  // to load; one at a time

  void look_again();
  std::unique_ptr<storage::Session> session();
  void load();
  void load_heard();
  void load_all();
  void load_rows(storage::Session& session, const std::set<std::string>& ids, std::int64_t marked);
  template <class Action>
  void or_stay_stale(Action&& action);

  void hear(std::string_view id);
  std::optional<std::set<std::string>> heard();

  storage::Store& store_;
  std::mutex turn_mutex_;  // guards the next one
  bool loading_ = false;   // loads are published in the order in which they read
  std::condition_variable loaded_;
  std::atomic<std::chrono::steady_clock::duration::rep> looked_at_{0};
  std::atomic<bool> stale_{false};  // what is in memory is known to be old
  std::mutex heard_mutex_;          // guards the two below
  std::set<std::string> heard_;     // changed by somebody, not read yet
  bool anything_ = false;
  std::shared_mutex mutex_;  // guards the two below
  std::int64_t mark_ = -1;   // the last change that is in tenants_
  ById tenants_;
};

}  // namespace host::tenancy
