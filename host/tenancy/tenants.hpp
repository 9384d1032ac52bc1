// The tenants of the platform: who exists, in which state, with which settings. Reads come from
// memory and are right at once after a change made through this object. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/call_token.hpp"
#include "base/time.hpp"
#include "storage/store.hpp"

namespace host::tenancy {

// read_only: for the moment in which the tenant moves to another house; reads go on.
enum class TenantStatus : std::uint8_t { active, suspended, read_only };

struct Tenant {
  std::string id;        // [a-z0-9_-]{3,50}
  std::string name;      // "Blue Lagoon Travel"
  std::string timezone;  // IANA name
  std::string currency;  // ISO 4217
  std::string plan;      // free text
  TenantStatus status = TenantStatus::active;
  std::string suspended_reason;
  std::string created_at;
  nlohmann::json
      settings;  // object: what clients read back (branding, banking, contacts); no secrets
  nlohmann::json plugins;  // object: plugin id -> {"enabled": bool, "settings": {...}}
};

class Tenants {
 public:
  virtual ~Tenants() = default;
  virtual std::vector<Tenant> list() = 0;
  // The tenant as it is now; the object itself never changes. Null if there is none.
  virtual std::shared_ptr<const Tenant> find(std::string_view id) = 0;
  // The same question for the state alone: asked on every request.
  virtual std::optional<TenantStatus> status(std::string_view id) = 0;
  // Validates, creates the tenant's stores. Throws Problem(409 tenant_exists), Problem(422).
  virtual Tenant create(const CallToken& admin, Tenant tenant) = 0;
  // By the administrator, or by the tenant itself for its own settings. Status does not change
  // here.
  virtual Tenant update(const CallToken& admin, const Tenant& tenant) = 0;
  virtual void suspend(const CallToken& admin, std::string_view id, const std::string& reason) = 0;
  virtual void activate(const CallToken& admin, std::string_view id) = 0;
  // Creates a tenant that comes from elsewhere, with its date and its own settings; suspended, for
  // `reason`, until activate(). Throws as create().
  virtual Tenant adopt(const CallToken& admin, Tenant tenant, const std::string& reason) = 0;
  // An active tenant only reads until `until` at the latest, whatever becomes of this process.
  // Again: longer. Throws Problem(409 tenant_inactive) for one that is neither active nor paused.
  virtual void pause(const CallToken& admin, std::string_view id, Timestamp until) = 0;
  // The end of the pause: active again, or suspended for `moved_reason`. False, and nothing
  // changed, if the pause was over already.
  virtual bool resume(const CallToken& admin, std::string_view id) = 0;
  virtual bool leave(const CallToken& admin, std::string_view id,
                     const std::string& moved_reason) = 0;
  // Removes the tenant and everything of it from every store (each registered by on_destroy).
  virtual void destroy(const CallToken& admin, std::string_view id) = 0;
  // Each is called with a token of the tenant that goes, before its row goes.
  virtual void on_destroy(std::function<void(const CallToken&)> remove_from_store) = 0;
  // Each is called with a token of a tenant that was let in again by activate().
  virtual void on_activate(std::function<void(const CallToken&)> opened) = 0;
};

std::unique_ptr<Tenants> make_tenants(storage::Store& store);

}  // namespace host::tenancy
