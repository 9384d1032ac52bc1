// A small house around the registry: real store, tenants, blobs, cache and secrets in a folder of
// its own; a queue that only remembers, so that a test sees what reached it and when.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/audit.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "jobs/queue.hpp"
#include "plugins/registry.hpp"
#include "storage/blobs.hpp"
#include "storage/cache.hpp"
#include "storage/secrets.hpp"
#include "storage/store.hpp"
#include "support/test_blobs.hpp"
#include "support/test_store.hpp"
#include "tenancy/links.hpp"
#include "tenancy/tenants.hpp"
#include "tenancy/token_mint.hpp"
#include "usage/ledger.hpp"
#include "usage/quotas.hpp"

namespace host::plugins::testing {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("serai-plugins-" + random_hex(8))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class RememberingQueue final : public jobs::Queue {
 public:
  struct Known {
    jobs::JobHandler handler;
    std::vector<jobs::Schedule> schedules;
    std::vector<std::string> subscriptions;
  };

  std::string enqueue(const CallToken& token, storage::Session& session,
                      const jobs::JobSpec& spec) override {
    const std::lock_guard lock(mutex);
    in_transaction = session.in_transaction();
    jobs.emplace_back(token.tenant(), spec);
    return "job-" + std::to_string(jobs.size());
  }
  void publish(const CallToken& token, storage::Session& session, std::string_view type,
               std::string_view payload) override {
    const std::lock_guard lock(mutex);
    in_transaction = session.in_transaction();
    events.push_back(token.tenant() + " " + token.plugin() + " " + std::string(type) + " " +
                     std::string(payload));
  }
  void committed(const CallToken&) override {
    const std::lock_guard lock(mutex);
    ++commits;
  }
  std::optional<jobs::JobInfo> find(const CallToken&, storage::Session&,
                                    std::string_view) override {
    return std::nullopt;
  }
  std::vector<jobs::JobInfo> list(const CallToken&, storage::Session&, std::string_view,
                                  std::optional<jobs::JobState>, std::size_t) override {
    return {};
  }
  bool retry(const CallToken&, storage::Session&, std::string_view) override { return false; }
  void set_plugin(const std::string& plugin, jobs::JobHandler handler,
                  std::vector<jobs::Schedule> schedules,
                  std::vector<std::string> subscriptions) override {
    const std::lock_guard lock(mutex);
    plugins[plugin] = {std::move(handler), std::move(schedules), std::move(subscriptions)};
  }
  void remove_plugin(const std::string& plugin) override {
    const std::lock_guard lock(mutex);
    plugins.erase(plugin);
  }
  void start() override {}
  void stop(std::chrono::milliseconds) override {}
  bool replace_worker(pid_t) override { return false; }
  bool drain(const CallToken&, Deadline) override { return true; }

  std::mutex mutex;
  std::map<std::string, Known> plugins;
  std::vector<std::pair<std::string, jobs::JobSpec>> jobs;
  std::vector<std::string> events;
  int commits = 0;
  bool in_transaction = false;
};

struct World {
  explicit World(RegistryOptions options = alpha_and_beta()) {
    storage::SqliteOptions sqlite;
    sqlite.directory = folder.path() / "data";
    store = serai_test::make_store(sqlite);
    blobs = serai_test::make_blobs(*store, folder.path());
    cache = storage::make_memory_cache(1 << 20);
    tenants = tenancy::make_tenants(*store);
    storage::MasterKey key{};
    key.fill(7);
    secrets = storage::make_secrets(*store, key);
    usage::LedgerOptions ledger;
    ledger.clock = [this] { return now() + later.load(); };
    usage = std::make_unique<usage::Ledger>(*store, std::move(ledger));
    quotas = std::make_unique<usage::Quotas>(*usage);
    store->migrate_platform();
    Rooms rooms;
    audit = audit::make_audit(*store);
    store->migrate_platform();
    rooms.audit = audit.get();
    rooms.usage = usage.get();
    rooms.quotas = quotas.get();
    rooms.store = store.get();
    rooms.blobs = blobs.get();
    rooms.cache = cache.get();
    rooms.secrets = secrets.get();
    rooms.queue = &queue;
    rooms.tenants = tenants.get();
    rooms.links = &links;
    options.on_change = [this] { ++changes; };
    registry = std::make_unique<Registry>(rooms, std::move(options));
    for (const char* id : {"lagoon", "reef"}) {
      tenancy::Tenant tenant;
      tenant.id = id;
      tenant.name = id;
      tenant.timezone = "UTC";
      tenant.currency = "EUR";
      tenant.settings = tenant.plugins = nlohmann::json::object();
      tenants->create(admin(), tenant);
    }
  }

  static RegistryOptions alpha_and_beta() {
    RegistryOptions options;
    options.grants = {{"alpha"}, {"beta"}};
    // The same tests prove both placements: see CMakeLists.txt.
    for (auto& grant : options.grants)
      grant.isolation.isolated = std::getenv("SERAI_TEST_PLACEMENT") != nullptr;
    options.outbound = {true, true};
    return options;
  }

  static CallToken admin() {
    return tenancy::TokenMint::for_platform_admin("root", {"request-0", "", in(60)});
  }
  static Deadline in(int seconds) {
    return std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  }
  static CallToken token(const std::string& tenant = "lagoon", Deadline deadline = in(120)) {
    auto permissions = std::make_shared<const std::set<std::string, std::less<>>>(
        std::set<std::string, std::less<>>{"alpha.use"});
    return tenancy::TokenMint::for_user(
        {tenant, "user-1", "ann@example.com", "Ann", "admin", "session-1", permissions},
        {"request-1", "", deadline});
  }

  RouteTarget target(const std::string& pattern) const {
    for (const auto& mounted : registry->routes())
      if (mounted.route.pattern == pattern) return mounted.target;
    throw std::logic_error("no route " + pattern);
  }

  RouteReply call(const std::string& pattern, const std::string& method, std::string_view body,
                  const CallToken& who, std::span<const UploadedPart> parts = {}) {
    RouteRequest request;
    request.method = method;
    request.path = pattern;
    request.body = body;
    request.parts = parts;
    return registry->call_route(who, target(pattern), request);
  }
  // Runs a script in alpha; its answer, or "<HTTP status> <code> <detail>" of the problem.
  std::string run(std::string_view script, const CallToken& who = token(),
                  const std::string& pattern = "/api/v1/alpha/run") {
    try {
      return call(pattern, "POST", script, who).body;
    } catch (const Problem& problem) {
      return std::to_string(problem.status()) + " " + problem.code() + " " + problem.detail();
    }
  }
  void load() { registry->load_files({PROBE_ALPHA, PROBE_BETA}); }
  void set_plugins(const std::string& tenant, const nlohmann::json& plugins) {
    tenancy::Tenant changed = *tenants->find(tenant);
    changed.plugins = plugins;
    tenants->update(admin(), changed);
  }

  Folder folder;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Blobs> blobs;
  std::unique_ptr<storage::Cache> cache;
  std::unique_ptr<tenancy::Tenants> tenants;
  std::unique_ptr<storage::Secrets> secrets;
  std::unique_ptr<audit::Audit> audit;
  std::unique_ptr<usage::Ledger> usage;
  std::unique_ptr<usage::Quotas> quotas;
  std::atomic<std::chrono::hours> later{std::chrono::hours(0)};  // the ledger's clock
  RememberingQueue queue;
  std::atomic<int> changes{0};
  const tenancy::Links links{{}, "https://serai.test"};
  std::unique_ptr<Registry> registry;
};

}  // namespace host::plugins::testing
