// What the authenticator must know of a session or API key on every request, kept in memory. Right
// at once after a change in this process, because every change erases before it answers. Changes by
// other processes are announced; while they cannot be heard, nothing is remembered. Where nobody
// announces (SQLite, the command line), they are seen when an entry grows old. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"
#include "storage/changes.hpp"

namespace host::auth {

struct SessionState {
  std::string tenant, user, email, name, role;
  bool user_active = false;
  bool revoked = false;
  Timestamp expires_at{};
  std::string key_hash;                                              // API keys only
  std::shared_ptr<const std::set<std::string, std::less<>>> scopes;  // API keys only
};

class SessionCache {
 public:
  using State = std::shared_ptr<const SessionState>;

  explicit SessionCache(std::chrono::milliseconds life, std::size_t capacity = 100'000)
      : life_(life), capacity_(capacity) {}

  // Must outlive this. Before the first question.
  void follow(const storage::Changes& changes) { changes_ = &changes; }

  State find(const std::string& id) const {
    if (changes_ && !changes_->hearing()) return nullptr;
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || std::chrono::steady_clock::now() >= found->second.until)
      return nullptr;
    return found->second.state;
  }

  // Take it before reading the database, give it to put(): what was read before a change is not
  // remembered after it.
  std::uint64_t epoch() const {
    const std::shared_lock lock(mutex_);
    return epoch_;
  }
  void put(const std::string& id, State state, std::uint64_t epoch) {
    const std::unique_lock lock(mutex_);
    if (epoch != epoch_ || (changes_ && !changes_->hearing())) return;
    if (entries_.size() >= capacity_) entries_.clear();
    entries_[id] = {std::move(state), std::chrono::steady_clock::now() + life_};
  }

  void erase(const std::string& id) {
    const std::unique_lock lock(mutex_);
    ++epoch_;
    entries_.erase(id);
  }
  // For changes of users, which are rare: everything is read again.
  void clear() {
    const std::unique_lock lock(mutex_);
    ++epoch_;
    entries_.clear();
  }

 private:
  struct Entry {
    State state;
    std::chrono::steady_clock::time_point until;
  };
  std::chrono::milliseconds life_;
  std::size_t capacity_;
  const storage::Changes* changes_ = nullptr;
  mutable std::shared_mutex mutex_;
  std::uint64_t epoch_ = 0;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace host::auth
