// The house put together: every room built from one profile, in the order they stand on each other,
// and torn down in reverse. Used by `serve` and by the commands that work on the data of a stopped
// host.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "api/idempotency.hpp"
#include "api/management.hpp"
#include "api/pipeline.hpp"
#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "base/call_token.hpp"
#include "cli/data_directory.hpp"
#include "cli/stop_deadline.hpp"
#include "config/profile.hpp"
#include "http/server.hpp"
#include "http/worker_pool.hpp"
#include "jobs/queue.hpp"
#include "mail_in/listener.hpp"
#include "mail_in/mail_in.hpp"
#include "moves/moves.hpp"
#include "observe/health.hpp"
#include "plugins/installed.hpp"
#include "plugins/registry.hpp"
#include "redis/client.hpp"
#include "storage/blobs.hpp"
#include "storage/cache.hpp"
#include "storage/secrets.hpp"
#include "storage/store.hpp"
#include "storage/vectors.hpp"
#include "tenancy/tenants.hpp"
#include "usage/ledger.hpp"
#include "usage/quotas.hpp"

namespace host::cli {

// The stores and the rooms that need no network; enough for tenants, users, migrations and audit.
struct Rooms {
  // Takes the data directory for itself; throws std::runtime_error if another process has it.
  Rooms(const config::Profile& profile, const config::Keys& keys);

  DataDirectory directory;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Blobs> blobs;
  std::unique_ptr<redis::Client> redis;  // null: none
  std::unique_ptr<storage::Cache> cache;
  std::unique_ptr<storage::Vectors> vectors;
  std::unique_ptr<storage::Secrets> secrets;
  std::unique_ptr<audit::Audit> audit;
  std::unique_ptr<tenancy::Tenants> tenants;
  std::unique_ptr<auth::Mailer> mailer;
  std::unique_ptr<auth::Auth> auth;
  std::unique_ptr<jobs::Queue> queue;
  std::unique_ptr<plugins::Installed> installed;
  std::unique_ptr<usage::Ledger> usage;
  std::unique_ptr<usage::Quotas> quotas;
  std::unique_ptr<moves::Moves> moves;
  std::unique_ptr<plugins::Registry> registry;
  std::unique_ptr<mail_in::MailIn> mail_in;  // null: no mail comes to this host
  std::string mail_secret;                   // of providers who post mail; empty: none may

  // The operator at this machine's command line.
  static CallToken operator_token();

  // Loads the profile's plugins; their faults are in registry->list().
  void load_plugins();
  const config::Profile& profile() const { return profile_; }

 private:
  const config::Profile& profile_;
};

struct HouseOptions {
  // False: calls are not accounted for and quotas not asked. For the benchmark that says what
  // accounting costs; no command and no profile can choose it.
  bool count_usage = true;
};

class House {
 public:
  House(config::Profile profile, const config::Keys& keys, HouseOptions options = {});
  ~House();

  // Serves when it returns. Throws std::exception (address in use, unreadable certificate ...).
  void start();
  // Refuses, drains, flushes. Returns how many requests were cut off. If this and the destruction
  // take longer than limits.shutdown_time and five seconds, the process ends (stop_deadline.hpp).
  std::size_t stop();

  // "http://127.0.0.1:8080" or "unix:/path"
  std::string url() const;
  std::string management_url() const;
  // "lmtp://127.0.0.1:2424", "lmtp unix:/path"; empty: no listener.
  std::string mail_url() const;
  Rooms& rooms() { return rooms_; }
  // What the listener hands requests to, for a caller in the same process.
  http::Service& service() { return *pipeline_; }
  const config::Profile& profile() const { return profile_; }

 private:
  void rebuild_routes();
  void watch();
  bool follow_plugins();

  config::Profile profile_;
  StopDeadline stop_deadline_;  // outlives the rooms: their destructors may wait too
  observe::Health health_;
  Rooms rooms_;
  const tenancy::Links links_;
  api::Idempotency idempotency_;
  http::WorkerPool workers_, blocking_;
  std::unique_ptr<api::Pipeline> pipeline_;
  std::unique_ptr<api::Management> management_;
  std::unique_ptr<http::Server> server_, management_server_;
  std::unique_ptr<mail_in::Listener> mail_listener_;
  std::mutex routes_mutex_;
  std::set<std::string> permission_owners_;  // plugins whose permissions roles know
  std::mutex watch_mutex_;
  std::condition_variable_any watch_wakes_;
  bool plugins_changed_ = false;  // by another node
  std::jthread watcher_;
};

// All routes of a house, for serving and for the OpenAPI document.
std::vector<api::Route> all_routes(Rooms& rooms, const observe::Health& health);

}  // namespace host::cli
