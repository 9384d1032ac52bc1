#include "tenancy/tenants.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/problem.hpp"
#include "observe/log.hpp"
#include "tenancy/token_mint.hpp"
#include "tenancy/validation.hpp"

namespace host::tenancy {
namespace {

using nlohmann::json;

// How long a change made by another process may stay unseen where nobody announces it (the command
// line on SQLite) or nothing can be heard.
constexpr std::chrono::milliseconds kLookAgain{500};
constexpr const char* kTopic = "tenants";

storage::MigrationSet schema() {
  return {"tenancy",
          {{1, "create_tenants",
            R"(
CREATE TABLE tenancy_tenants (
  id text NOT NULL,
  name text NOT NULL,
  timezone text NOT NULL,
  currency text NOT NULL,
  plan text NOT NULL,
  status text NOT NULL,
  suspended_reason text NOT NULL,
  settings json NOT NULL,
  plugins json NOT NULL,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL,
  PRIMARY KEY (id)
);
)",
            "DROP TABLE tenancy_tenants;"},
           {2, "count_changes",
            "CREATE TABLE tenancy_changes (id bigint NOT NULL, number bigint NOT NULL, "
            "PRIMARY KEY (id));",
            "DROP TABLE tenancy_changes;"}}};
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json object_from(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

Problem unknown_tenant() { return {404, "unknown_tenant", "There is no tenant of this id."}; }

void require_admin(const CallToken& admin) {
  if (!admin.platform_admin())
    throw forbidden("platform_admin_required", "Only the platform's administrator may do this.");
}

class SqlTenants final : public Tenants {
 public:
  explicit SqlTenants(storage::Store& store) : store_(store) {
    store_.register_platform(schema());
    store_.migrate_platform();
    if (auto* changes = store_.changes())
      changes->on(kTopic, [this](std::string_view) { stale_ = true; });
    load();
  }

  std::vector<Tenant> list() override {
    look_again();
    const std::shared_lock lock(mutex_);
    std::vector<Tenant> all;
    all.reserve(tenants_.size());
    for (const auto& [id, tenant] : tenants_) all.push_back(*tenant);
    return all;
  }

  std::shared_ptr<const Tenant> find(std::string_view id) override {
    look_again();
    const std::shared_lock lock(mutex_);
    const auto found = tenants_.find(id);
    return found == tenants_.end() ? nullptr : found->second;
  }

  std::optional<TenantStatus> status(std::string_view id) override {
    look_again();
    const std::shared_lock lock(mutex_);
    const auto found = tenants_.find(id);
    if (found == tenants_.end()) return std::nullopt;
    return found->second->status;
  }

  Tenant create(const CallToken& admin, Tenant tenant) override {
    require_admin(admin);
    if (tenant.settings.is_null()) tenant.settings = json::object();
    if (tenant.plugins.is_null()) tenant.plugins = json::object();
    tenant.status = TenantStatus::active;
    tenant.suspended_reason.clear();
    if (auto faults = faults_of(tenant); !faults.empty()) throw unprocessable(std::move(faults));
    const std::lock_guard changes(changes_);
    tenant.created_at = to_text(now());
    insert(tenant);
    const auto token = TokenMint::for_tenant_administration(admin, tenant.id);
    try {
      store_.create(token);
      store_.migrate(token);
    } catch (...) {
      // Without its store the tenant would be a name that answers 500 to everything.
      remove_row(tenant.id);
      throw;
    }
    load();
    return tenant;
  }

  Tenant update(const CallToken& admin, const Tenant& tenant) override {
    if (!status(tenant.id)) throw unknown_tenant();
    if (!admin.platform_admin() && admin.tenant() != tenant.id)
      throw forbidden("tenant_mismatch", "This tenant is not yours.");
    if (auto faults = faults_of(tenant); !faults.empty()) throw unprocessable(std::move(faults));
    const std::lock_guard changes(changes_);
    const auto changed =
        change(tenant.id,
               "UPDATE tenancy_tenants SET name = $2, timezone = $3, currency = $4, plan = $5, "
               "settings = $6, plugins = $7, updated_at = $8 WHERE id = $1",
               {tenant.id, tenant.name, tenant.timezone, tenant.currency, tenant.plan,
                text_of(tenant.settings), text_of(tenant.plugins), to_text(now())});
    if (changed == 0) throw unknown_tenant();
    load();
    return *find(tenant.id);
  }

  void suspend(const CallToken& admin, std::string_view id, const std::string& reason) override {
    require_admin(admin);
    if (reason.size() < 5 || reason.size() > 500)
      throw unprocessable({{"/reason", "must be 5 to 500 characters"}});
    set_status(id, "suspended", reason);
  }

  void activate(const CallToken& admin, std::string_view id) override {
    require_admin(admin);
    set_status(id, "active", "");
  }

  void destroy(const CallToken& admin, std::string_view id) override {
    require_admin(admin);
    // First nobody may come in any more; what follows can then be tried again if it fails.
    set_status(id, "suspended", "This tenant is being deleted.");
    const auto token = TokenMint::for_tenant_administration(admin, std::string(id));
    std::size_t failed = 0;
    const auto attempt = [&](const auto& step) {
      try {
        step();
      } catch (const std::exception& error) {
        ++failed;
        observe::log(observe::Level::error, "a store could not forget a tenant",
                     {{"tenant", id}, {"error", error.what()}});
      }
    };
    std::vector<std::function<void(const CallToken&)>> hooks;
    {
      const std::lock_guard changes(changes_);
      hooks = hooks_;
    }
    for (const auto& hook : hooks) attempt([&] { hook(token); });
    attempt([&] {
      try {
        store_.destroy(token);
      } catch (const Problem& problem) {
        if (problem.status() != 404) throw;  // gone already, by an earlier try
      }
    });
    if (failed > 0)
      throw Problem(
          500, "tenant_not_removed",
          "Some stores could not remove the tenant. It stays suspended; delete it again.");
    const std::lock_guard changes(changes_);
    remove_row(id);
    load();
    // Last of all, so that the write-ahead log keeps nothing of what the stores have deleted.
    store_.scrub_platform();
  }

  void on_destroy(std::function<void(const CallToken&)> remove_from_store) override {
    const std::lock_guard changes(changes_);
    hooks_.push_back(std::move(remove_from_store));
  }

 private:
  using ById = std::map<std::string, std::shared_ptr<const Tenant>, std::less<>>;

  void insert(const Tenant& tenant) {
    try {
      change(tenant.id,
             "INSERT INTO tenancy_tenants (id, name, timezone, currency, plan, status, "
             "suspended_reason, settings, plugins, created_at, updated_at) "
             "VALUES ($1, $2, $3, $4, $5, 'active', '', $6, $7, $8, $8)",
             {tenant.id, tenant.name, tenant.timezone, tenant.currency, tenant.plan,
              text_of(tenant.settings), text_of(tenant.plugins), tenant.created_at});
    } catch (const storage::SqlError& error) {
      if (error.fault() != storage::SqlFault::unique) throw;
      throw conflict("tenant_exists", "There is a tenant of this id already.");
    }
  }

  void remove_row(std::string_view id) {
    change(id, "DELETE FROM tenancy_tenants WHERE id = $1", {id});
  }

  void set_status(std::string_view id, std::string_view status, std::string_view reason) {
    const std::lock_guard changes(changes_);
    const auto changed =
        change(id,
               "UPDATE tenancy_tenants SET status = $2, suspended_reason = $3, updated_at = $4 "
               "WHERE id = $1",
               {id, status, reason, to_text(now())});
    if (changed == 0) throw unknown_tenant();
    load();
  }

  // Every change goes through here: counted, and announced, with its commit. Rows changed.
  std::int64_t change(std::string_view id, std::string_view sql,
                      std::initializer_list<storage::Value> values) {
    const auto session = store_.platform();
    storage::Transaction transaction(*session);
    const auto changed = session->execute(sql, values);
    session->execute(
        "INSERT INTO tenancy_changes (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET "
        "number = tenancy_changes.number + 1");
    session->announce(kTopic, id);
    transaction.commit();
    return changed;
  }

  // A number, not a time: the clocks of two nodes differ.
  static std::int64_t mark(storage::Session& session) {
    return session.query("SELECT coalesce(max(number), 0) AS number FROM tenancy_changes")
        .integer(0, "number");
  }

  void load() {
    const std::lock_guard loading(loading_);
    stale_ = false;  // what is announced from here on is read once more
    const auto session = store_.platform();
    // The mark is read first: a change in between makes one reading too many, never one too few.
    const auto marked = mark(*session);
    const auto rows = session->query(
        "SELECT id, name, timezone, currency, plan, status, suspended_reason, settings, plugins, "
        "created_at FROM tenancy_tenants ORDER BY id");
    ById fresh;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      Tenant tenant;
      tenant.id = rows.text(row, "id");
      tenant.name = rows.text(row, "name");
      tenant.timezone = rows.text(row, "timezone");
      tenant.currency = rows.text(row, "currency");
      tenant.plan = rows.text(row, "plan");
      tenant.status =
          rows.text(row, "status") == "active" ? TenantStatus::active : TenantStatus::suspended;
      tenant.suspended_reason = rows.text(row, "suspended_reason");
      tenant.settings = object_from(rows.text(row, "settings"));
      tenant.plugins = object_from(rows.text(row, "plugins"));
      tenant.created_at = rows.text(row, "created_at");
      auto as_it_is = std::make_shared<const Tenant>(std::move(tenant));
      fresh.emplace(as_it_is->id, as_it_is);
    }
    looked_at_ = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::lock_guard lock(mutex_);
    mark_ = marked;
    tenants_.swap(fresh);
  }

  // Twice a second one caller asks the database whether another process changed something; all do
  // who come before what was announced is read.
  void look_again() {
    if (stale_) return load_or_stay_stale();
    const auto ticks = std::chrono::steady_clock::now().time_since_epoch();
    auto seen = looked_at_.load(std::memory_order_relaxed);
    if (ticks - std::chrono::steady_clock::duration(seen) < kLookAgain) return;
    if (!looked_at_.compare_exchange_strong(seen, ticks.count())) return;
    const auto current = mark(*store_.platform());
    {
      const std::shared_lock lock(mutex_);
      if (current == mark_) return;
    }
    load();
  }

  void load_or_stay_stale() {
    try {
      load();
    } catch (...) {
      stale_ = true;
      throw;
    }
  }

  storage::Store& store_;
  std::mutex changes_;  // one writer at a time
  std::mutex loading_;  // loads are published in the order in which they read
  std::vector<std::function<void(const CallToken&)>> hooks_;
  std::atomic<std::chrono::steady_clock::duration::rep> looked_at_{0};
  std::atomic<bool> stale_{false};  // what is in memory is known to be old
  std::shared_mutex mutex_;         // guards the two below
  std::int64_t mark_ = -1;
  ById tenants_;
};

}  // namespace

std::unique_ptr<Tenants> make_tenants(storage::Store& store) {
  return std::make_unique<SqlTenants>(store);
}

}  // namespace host::tenancy
