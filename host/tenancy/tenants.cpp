#include "tenancy/tenants.hpp"

#include <mutex>

#include "base/problem.hpp"
#include "observe/log.hpp"
#include "tenancy/known_tenants.hpp"
#include "tenancy/token_mint.hpp"
#include "tenancy/validation.hpp"

namespace host::tenancy {
namespace {

using nlohmann::json;

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
    known_ = std::make_unique<KnownTenants>(store_);
  }

  std::vector<Tenant> list() override {
    auto all = known_->list();
    for (auto& tenant : all) tenant.status = status_now(tenant);
    return all;
  }

  std::shared_ptr<const Tenant> find(std::string_view id) override { return known_->find(id); }

  std::optional<TenantStatus> status(std::string_view id) override {
    const auto tenant = known_->find(id);
    return tenant ? std::optional(status_now(*tenant)) : std::nullopt;
  }

  Tenant create(const CallToken& admin, Tenant tenant) override {
    require_admin(admin);
    if (tenant.settings.is_null()) tenant.settings = json::object();
    if (tenant.plugins.is_null()) tenant.plugins = json::object();
    tenant.status = TenantStatus::active;
    tenant.suspended_reason.clear();
    if (auto faults = faults_of(tenant); !faults.empty()) throw unprocessable(std::move(faults));
    tenant.created_at = to_text(now());
    make(admin, tenant, "active", "");
    return tenant;
  }

  Tenant adopt(const CallToken& admin, Tenant tenant, const std::string& reason) override {
    require_admin(admin);
    if (auto faults = faults_of(tenant); !faults.empty()) throw unprocessable(std::move(faults));
    tenant.status = TenantStatus::suspended;
    tenant.suspended_reason = reason;
    make(admin, tenant, "suspended", reason);
    return tenant;
  }

  void pause(const CallToken& admin, std::string_view id, Timestamp until) override {
    require_admin(admin);
    if (!set_status_if(id, "read_only", to_text(until), "status IN ('active', 'read_only')"))
      throw conflict("tenant_inactive", "Only an active tenant can be moved.");
  }

  bool resume(const CallToken& admin, std::string_view id) override {
    require_admin(admin);
    return set_status_if(id, "active", "", "status = 'read_only'");
  }

  bool leave(const CallToken& admin, std::string_view id, const std::string& reason) override {
    require_admin(admin);
    // Once the pause is over somebody may have written.
    return set_status_if(id, "suspended", reason, "status = 'read_only' AND suspended_reason > $4");
  }

  Tenant update(const CallToken& admin, const Tenant& tenant) override {
    if (!status(tenant.id)) throw unknown_tenant();
    if (!admin.platform_admin() && admin.tenant() != tenant.id)
      throw forbidden("tenant_mismatch", "This tenant is not yours.");
    if (auto faults = faults_of(tenant); !faults.empty()) throw unprocessable(std::move(faults));
    const std::lock_guard changes(changes_);
    const auto number =
        change(tenant.id,
               "UPDATE tenancy_tenants SET name = $2, timezone = $3, currency = $4, plan = $5, "
               "settings = $6, plugins = $7, updated_at = $8 WHERE id = $1",
               {tenant.id, tenant.name, tenant.timezone, tenant.currency, tenant.plan,
                text_of(tenant.settings), text_of(tenant.plugins), to_text(now())});
    if (!number) throw unknown_tenant();
    known_->changed(tenant.id, *number);
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
    std::vector<std::function<void(const CallToken&)>> hooks;
    {
      const std::lock_guard changes(changes_);
      hooks = opened_hooks_;
    }
    for (const auto& hook : hooks)
      hook(TokenMint::for_tenant_administration(admin, std::string(id)));
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
    // Last of all, so that the write-ahead log keeps nothing of what the stores have deleted.
    store_.scrub_platform();
  }

  void on_destroy(std::function<void(const CallToken&)> remove_from_store) override {
    const std::lock_guard changes(changes_);
    hooks_.push_back(std::move(remove_from_store));
  }

  void on_activate(std::function<void(const CallToken&)> opened) override {
    const std::lock_guard changes(changes_);
    opened_hooks_.push_back(std::move(opened));
  }

 private:
  void make(const CallToken& admin, const Tenant& tenant, std::string_view status,
            std::string_view reason) {
    const std::lock_guard changes(changes_);
    const auto number = insert(tenant, status, reason);
    const auto token = TokenMint::for_tenant_administration(admin, tenant.id);
    try {
      store_.create(token);
      store_.migrate(token);
    } catch (...) {
      // Without its store the tenant would be a name that answers 500 to everything.
      remove_row(tenant.id);
      throw;
    }
    known_->changed(tenant.id, number);
  }

  std::int64_t insert(const Tenant& tenant, std::string_view status, std::string_view reason) {
    try {
      return *change(tenant.id,
                     "INSERT INTO tenancy_tenants (id, name, timezone, currency, plan, status, "
                     "suspended_reason, settings, plugins, created_at, updated_at) "
                     "VALUES ($1, $2, $3, $4, $5, $9, $10, $6, $7, $8, $11)",
                     {tenant.id, tenant.name, tenant.timezone, tenant.currency, tenant.plan,
                      text_of(tenant.settings), text_of(tenant.plugins), tenant.created_at, status,
                      reason, to_text(now())});
    } catch (const storage::SqlError& error) {
      if (error.fault() != storage::SqlFault::unique) throw;
      throw conflict("tenant_exists", "There is a tenant of this id already.");
    }
  }

  void remove_row(std::string_view id) {
    if (const auto number = change(id, "DELETE FROM tenancy_tenants WHERE id = $1", {id}))
      known_->changed(id, *number);
  }

  void set_status(std::string_view id, std::string_view status, std::string_view reason) {
    const std::lock_guard changes(changes_);
    const auto number =
        change(id,
               "UPDATE tenancy_tenants SET status = $2, suspended_reason = $3, updated_at = $4 "
               "WHERE id = $1",
               {id, status, reason, to_text(now())});
    if (!number) throw unknown_tenant();
    known_->changed(id, *number);
  }

  // A pause ends by itself: nobody who died can keep a tenant from writing.
  static TenantStatus status_now(const Tenant& tenant) {
    if (tenant.status != TenantStatus::read_only || to_text(now()) < tenant.suspended_reason)
      return tenant.status;
    return TenantStatus::active;
  }

  // Only where `condition`, in which $4 is the time, holds. False: nothing was changed.
  bool set_status_if(std::string_view id, std::string_view status, std::string_view reason,
                     const char* condition) {
    const std::lock_guard changes(changes_);
    const auto number =
        change(id,
               std::string("UPDATE tenancy_tenants SET status = $2, suspended_reason = $3, "
                           "updated_at = $4 WHERE id = $1 AND ") +
                   condition,
               {id, status, reason, to_text(now())});
    if (number) known_->changed(id, *number);
    return number.has_value();
  }

  // Every change goes through here: counted, and announced, with its commit. Its number; nullopt:
  // there is no such row.
  std::optional<std::int64_t> change(std::string_view id, std::string_view sql,
                                     std::initializer_list<storage::Value> values) {
    const auto session = store_.platform();
    storage::Transaction transaction(*session);
    if (session->execute(sql, values) == 0) return std::nullopt;
    const auto number =
        session
            ->query(
                "INSERT INTO tenancy_changes (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE "
                "SET number = tenancy_changes.number + 1 RETURNING number")
            .integer(0, "number");
    session->announce(kTenantsTopic, id);
    transaction.commit();
    return number;
  }

  storage::Store& store_;
  std::unique_ptr<KnownTenants> known_;  // once the tables are there
  std::mutex changes_;                   // one writer at a time
  std::vector<std::function<void(const CallToken&)>> hooks_, opened_hooks_;
};

}  // namespace

std::unique_ptr<Tenants> make_tenants(storage::Store& store) {
  return std::make_unique<SqlTenants>(store);
}

}  // namespace host::tenancy
