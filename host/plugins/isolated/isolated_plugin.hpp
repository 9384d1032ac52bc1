// A plugin that lives in child processes, seen by the rest of this room as any other: a table of
// functions (serai_plugin) whose calls go to a child and whose host calls come back on the same
// thread. One child for all tenants, or one for each. A child that dies, hangs or lies fails the
// calls that are in it; it is replaced at once, after repeated failures with growing pauses, and
// after too many in a short time not at all (quarantine) until the plugin is loaded anew.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "plugins/health.hpp"
#include "plugins/isolated/child_process.hpp"
#include "plugins/registry.hpp"
#include "serai/abi/entry.h"

namespace host::plugins {

class Generation;

class IsolatedPlugin {
 public:
  // `plan.library` stays open as long as this lives.
  IsolatedPlugin(Generation& generation, ChildPlan plan, const Isolation& options);
  // Ends all children.
  ~IsolatedPlugin();
  IsolatedPlugin(const IsolatedPlugin&) = delete;
  IsolatedPlugin& operator=(const IsolatedPlugin&) = delete;

  // Starts the first child and creates the plugin in it. Throws LoadError. [main]
  const serai_plugin& create();

  // Which children are quarantined. [any]
  Health health() const;

 private:
  using Clock = std::chrono::steady_clock;

  enum class Condition : std::uint8_t { absent, wanted, ready, pausing, quarantined };
  // The place of one child: the plugin's, or a tenant's.
  struct Place {
    Condition condition = Condition::absent;
    std::shared_ptr<ChildProcess> child;  // if ready
    std::vector<Clock::time_point> failures;
    Clock::time_point again{};   // when pausing ends
    std::string reason;          // of the last failure
    Clock::time_point silent{};  // its output is not read before
  };
  struct Resolved {
    std::uint32_t kind;
    std::string name;
    std::int32_t number;
  };

  // The table's functions.
  static IsolatedPlugin& of(void* self) { return *static_cast<IsolatedPlugin*>(self); }
  static std::int32_t resolve(void* self, std::uint32_t kind, serai_str name) noexcept;
  static serai_status start(void* self) noexcept;
  static serai_status handle_request(void* self, serai_call call,
                                     const serai_request* request) noexcept;
  static serai_status handle_message(void* self, serai_call call,
                                     const serai_message* message) noexcept;
  static serai_status handle_service(void* self, serai_call call,
                                     const serai_message* message) noexcept;
  static void forget_tenant(void* self, serai_str tenant) noexcept;
  static void stop(void* self) noexcept;
  static void destroy(void* self) noexcept;

  std::string key_of(std::string_view tenant) const;
  // The plugin's own child; in per-tenant mode the one that proved it can be loaded.
  std::shared_ptr<ChildProcess> first_child() const;
  // A ready child, started if need be. Null: `why` and the status say so.
  std::shared_ptr<ChildProcess> child_for(std::string_view tenant, Clock::time_point deadline,
                                          std::string& code, std::string& why);
  template <class Message>
  serai_status call(isolation::Ask ask, serai_call call, const Message& message) noexcept;
  serai_status fail(Failure failure) const;

  // Lifecycle of one child, on the thread of the call.
  void create_in(ChildProcess& child);
  std::int32_t resolve_in(ChildProcess& child, std::uint32_t kind, std::string_view name);
  serai_status start_in(ChildProcess& child);

  // The keeper: starts, watches and buries children.
  void keep();
  void start_wanted(std::unique_lock<std::mutex>& lock);
  std::shared_ptr<ChildProcess> start_child();
  void bury(std::unique_lock<std::mutex>& lock, const std::string& key, Place& place);
  void note_failure(const std::string& key, Place& place, const std::string& reason);
  // Takes the children out that are too many, for the caller to end without the lock.
  std::vector<std::shared_ptr<ChildProcess>> make_room();
  // False: it wrote more than the plugin may log.
  bool pass_output(ChildProcess& child);
  void wake() const;

  Generation& generation_;
  ChildPlan plan_;
  Isolation options_;
  serai_plugin table_{};
  std::vector<Resolved> resolved_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Place, std::less<>> places_;
  bool created_ = false;  // the first child has its plugin
  bool stopping_ = false;
  int wake_ = -1;  // eventfd
  std::thread keeper_;
};

}  // namespace host::plugins
