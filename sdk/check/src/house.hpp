// The checking host: runs one instance of a plugin on the fake host's storage, with every function
// it is given watched. Calls may come from several threads; lifecycle functions from one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "arena.hpp"
#include "input.hpp"
#include "library.hpp"
#include "state.hpp"
#include "world.hpp"

namespace serai::check {

// Where the plugin is in its life: what it may call depends on it.
enum class Phase {
  none,
  creating,
  created,
  starting,
  running,
  stopping,
  stopped,
  destroying,
  gone
};
const char* to_text(Phase phase);

// Host functions with a status, counted; the `fail_at`th (from 1) fails, or with `overdue` all from
// there on but for answering, as after a call's deadline.
struct Injection {
  std::atomic<long> calls{0};
  long fail_at = 0;
  bool overdue = false;
  serai_status status = SERAI_E_UNAVAILABLE;
  std::string failed;  // which one it was; written once
};

class House;

// A call in progress: the fake host's state and what is watched beside it.
struct CheckedCall : testing::CallState {
  House* house = nullptr;
  const Input* input = nullptr;
  Who who;
  serai_call number = 0;
  Region request;  // what came in
  Region lent;     // what host functions gave for as long as the call
  Region words;    // what last_error() gave, until the next host function
  std::map<serai_handle, Region> rows;
  std::map<serai_handle, Region> pieces;
  std::set<serai_handle> closed;
  std::vector<std::string> uploads;
  bool commit_refused = false;  // an outermost commit was made to fail, and none succeeded since
};

class House {
 public:
  House(const Library& library, const World& world, const std::set<std::string>& withheld = {});
  // Stops and destroys what runs.
  ~House();
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  // The lifecycle, one function each. create() and start() give the refusal's status; `error()`
  // says why.
  serai_status create();
  serai_status start();
  void stop();
  void destroy();
  // create() and start(); throws std::runtime_error if either is refused.
  void open();
  const std::string& error() const { return error_; }

  std::int32_t resolve(std::uint32_t kind, const std::string& name);
  Answer send(const Input& input, const Who& who);
  // The jobs that are queued, the delayed ones too, as if their time had come; of those they queue
  // what is not delayed, so that a job that queues the next for later comes to an end. At most
  // `most`; the number run.
  int run_jobs(const Who& who, int most = 100);
  void forget_tenant(const std::string& tenant);
  // The tenant as if it were new: no data, nothing cached by the host.
  void wipe_tenant(const std::string& tenant);
  testing::TenantState& tenant(const std::string& id);

  const testing::Manifest& manifest() const { return impl_.manifest; }
  // Everybody's permissions: all that the manifest declares.
  std::set<std::string, std::less<>> permissions() const;
  // What a response, the outside or another plugin may not see while `tenant` is served.
  void forbid(const std::string& tenant, std::string mark) { forbidden_[tenant] = std::move(mark); }
  // Answers of services and of the outside the world says nothing of.
  void improvise(std::uint64_t seed) { improvised_ = seed; }

  Injection injection;
  std::atomic<Phase> phase{Phase::none};
  std::string last_complaint;  // the plugin's newest log line of level error

  // For the proxies.
  testing::FakeHost::Impl& impl() { return impl_; }
  const std::string* forbidden(const std::string& tenant) const;
  std::recursive_mutex& mutex() { return impl_.one_at_a_time; }
  // Waits until no other call of the tenant has a transaction open; the mutex is held.
  void await_database(std::unique_lock<std::recursive_mutex>& lock, const CheckedCall& call);
  void transaction_changed(const CheckedCall& call);
  Json service_reply(const std::string& name, const CheckedCall& call);
  testing::HttpAnswer http_answer(const HttpRequest& request);

  // The house whose plugin is alive; NULL: none.
  static House* present() noexcept;

 private:
  serai_request request_for(CheckedCall& call, const Input& input);
  serai_message message_for(CheckedCall& call, const Input& input);
  serai_caller caller_for(CheckedCall& call);
  Answer answer_of(CheckedCall& call, const Input& input, serai_status status);

  const World& world_;
  testing::FakeHost::Impl impl_;
  const serai_plugin* plugin_ = nullptr;
  std::string error_;
  std::map<std::string, std::string> forbidden_;
  std::map<std::string, serai_call, std::less<>> owners_;  // of a tenant's open transaction
  std::condition_variable_any owner_changed_;
  std::uint64_t improvised_ = 0;
  std::atomic<std::uint64_t> improvisations_{0};
};

// While it exists, this thread runs the plugin's code. Nested by Outside in every host function.
class Inside {
 public:
  Inside() noexcept;
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  static bool now() noexcept;

 private:
  bool before_;
};
class Outside {
 public:
  Outside() noexcept;
  ~Outside();
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;

 private:
  bool before_;
};

}  // namespace serai::check
