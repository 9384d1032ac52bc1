// All for the platform administrator:
// GET    /api/v1/admin/health
// GET    /api/v1/admin/tenants
// POST   /api/v1/admin/tenants
// GET    /api/v1/admin/tenants/summary
// GET    /api/v1/admin/tenants/{id}
// DELETE /api/v1/admin/tenants/{id}?confirm=true
// GET    /api/v1/admin/tenants/{id}/stats
// POST   /api/v1/admin/tenants/{id}/suspend
// POST   /api/v1/admin/tenants/{id}/activate
#include "api/routes/tenant_admin_routes.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/routes/tenant_document.hpp"
#include "api/routes/user_document.hpp"
#include "base/problem.hpp"
#include "observe/log.hpp"
#include "tenancy/token_mint.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;
using tenancy::Tenant;
using tenancy::TenantStatus;

constexpr const char* kCreate =
    R"({"type":"object","required":["tenant_id","company_name","admin_email"],"properties":{
  "tenant_id":{"type":"string","pattern":"^[a-z0-9_-]+$","minLength":3,"maxLength":50},
  "company_name":{"type":"string","minLength":1,"maxLength":200},
  "admin_email":{"type":"string","minLength":3,"maxLength":254},
  "admin_name":{"type":["string","null"],"maxLength":100},
  "support_email":{"type":["string","null"],"maxLength":254},
  "timezone":{"type":["string","null"],"maxLength":64},
  "currency":{"type":["string","null"],"pattern":"^[A-Z]{3}$"},
  "plan":{"type":["string","null"],"enum":["lite","standard","premium",null]}}})";
constexpr const char* kSuspend = R"({"type":"object","required":["reason"],"properties":{
  "reason":{"type":"string","minLength":5,"maxLength":500}}})";

class TenantAdmin {
 public:
  TenantAdmin(tenancy::Tenants& tenants, auth::Auth& auth, audit::Audit& audit,
              TenantFigures figures)
      : tenants_(tenants), auth_(auth), audit_(audit), figures_(std::move(figures)) {}

  http::Response health(Call&) {
    const auto all = tenants_.list();
    const auto active = std::count_if(all.begin(), all.end(), [](const Tenant& tenant) {
      return tenant.status == TenantStatus::active;
    });
    // list() has just asked the database; had it been down, this line would not be reached.
    return json_response({{"success", true},
                          {"status", "healthy"},
                          {"total_tenants", all.size()},
                          {"active_tenants", active},
                          {"database_status", "connected"},
                          {"timestamp", to_text(now())}});
  }

  http::Response list(Call& call) {
    const auto status = call.query("status").value_or("");
    const auto search = call.query("search").value_or("");
    Json rows = Json::array();
    std::int64_t total = 0;
    const auto offset = call.query_integer("offset", 0), limit = call.query_integer("limit", 1000);
    for (const auto& tenant : tenants_.list()) {
      Json row = tenant_row(tenant);
      if (!status.empty() && row["status"] != status) continue;
      if (!search.empty() && tenant.id.find(search) == std::string::npos &&
          tenant.name.find(search) == std::string::npos)
        continue;
      if (++total <= offset || static_cast<std::int64_t>(rows.size()) >= limit) continue;
      const Json counted = figures(*call.token, tenant.id);
      row["quote_count"] = counted["quotes_count"];
      row["invoice_count"] = counted["invoices_count"];
      row["total_invoiced"] = counted["total_invoiced"];
      rows.push_back(std::move(row));
    }
    const auto count = rows.size();
    return json_response({{"success", true},
                          {"tenants", rows},
                          {"data", std::move(rows)},
                          {"count", count},
                          {"total", total}});
  }

  http::Response create(Call& call) {
    Tenant tenant;
    tenant.id = call.json()["tenant_id"];
    tenant.name = call.json()["company_name"];
    tenant.timezone = optional_text(call, "timezone").value_or("UTC");
    tenant.currency = optional_text(call, "currency").value_or("USD");
    tenant.plan = optional_text(call, "plan").value_or("lite");
    const std::string email = call.json()["admin_email"];
    tenant.settings = {{"contacts", {{"admin_email", email}}}};
    if (const auto support = optional_text(call, "support_email"))
      tenant.settings["company"]["support_email"] = *support;
    tenant.plugins = Json::object();
    if (!auth::valid_email(email))
      throw unprocessable({{"/admin_email", "must be an e-mail address"}});

    tenant = tenants_.create(*call.token, tenant);
    record(call, "tenant.create", tenant.id, {{"plan", tenant.plan}});
    Json data = tenant_row(tenant);
    data["admin_email"] = email;
    data["invitation"] = invite_owner(call, tenant, email);
    Json document = data;
    document["success"] = true;
    document["message"] = "Tenant created successfully";
    document["data"] = std::move(data);
    return json_response(document, 201);
  }

  http::Response detail(Call& call) {
    const Json data = tenant_detail(found(call));
    Json document = data;
    document["success"] = true;
    document["data"] = data;
    return json_response(document);
  }

  http::Response stats(Call& call) { return data_response(figures(*call.token, found(call).id)); }

  http::Response suspend(Call& call) {
    const std::string reason = call.json()["reason"];
    const auto id = found(call).id;
    tenants_.suspend(*call.token, id, reason);
    record(call, "tenant.suspend", id, {{"reason", reason}});
    return status_response(id, "suspended", "Tenant suspended");
  }

  http::Response activate(Call& call) {
    const auto id = found(call).id;
    tenants_.activate(*call.token, id);
    record(call, "tenant.activate", id, Json::object());
    return status_response(id, "active", "Tenant activated");
  }

  http::Response remove(Call& call) {
    const auto id = found(call).id;
    if (!call.query_flag("confirm", false))
      throw Problem(400, "confirmation_required",
                    "Deleting a tenant cannot be undone. Repeat with ?confirm=true.");
    tenants_.destroy(*call.token, id);
    // Requests under way may have recorded something between the removal and the end.
    audit_.destroy(tenancy::TokenMint::for_tenant_administration(*call.token, id));
    record(call, "tenant.destroy", id, Json::object());
    return json_response({{"success", true},
                          {"message", "Tenant deleted"},
                          {"tenant_id", id},
                          {"note",
                           "All data of this tenant is gone; backups made before this "
                           "moment hold it until they expire."}});
  }

 private:
  Tenant found(const Call& call) {
    const auto tenant = tenants_.find(call.path("id"));
    if (!tenant) throw not_found("Tenant not found");
    return *tenant;
  }

  Json figures(const CallToken& admin, const std::string& id) {
    Json counted = {{"quotes_count", 0},  {"quotes_this_month", 0}, {"invoices_count", 0},
                    {"invoices_paid", 0}, {"total_invoiced", 0},    {"total_paid", 0},
                    {"clients_count", 0}, {"users_count", 0}};
    if (figures_)
      counted.update(figures_(tenancy::TokenMint::for_tenant_administration(admin, id)));
    counted["users_count"] = auth_.team().count(id);
    return counted;
  }

  // The tenant stands even if the mail cannot go: the invitation can be repeated.
  Json invite_owner(const Call& call, const Tenant& tenant, const std::string& email) {
    try {
      const auto token = tenancy::TokenMint::for_tenant_administration(*call.token, tenant.id);
      return invitation_document(auth_.team().invite(
          token, email, optional_text(call, "admin_name").value_or(""), "owner", caller_of(call)));
    } catch (const Problem& problem) {
      observe::log(observe::Level::warning, "the owner of a new tenant could not be invited",
                   {{"tenant", tenant.id}, {"code", problem.code()}});
      return nullptr;
    }
  }

  void record(const Call& call, const char* action, const std::string& tenant,
              const Json& details) {
    audit_.record_platform(
        {action, "success", call.token->user(), tenant, call.client_address, call.request_id},
        details);
  }

  static http::Response status_response(const std::string& id, const char* status,
                                        const char* message) {
    const Json data = {{"tenant_id", id}, {"status", status}};
    return json_response({{"success", true},
                          {"message", message},
                          {"tenant_id", id},
                          {"status", status},
                          {"data", data}});
  }

  tenancy::Tenants& tenants_;
  auth::Auth& auth_;
  audit::Audit& audit_;
  TenantFigures figures_;
};

using Method = http::Response (TenantAdmin::*)(Call&);

Route route(std::shared_ptr<TenantAdmin> admin, const char* method, const char* path,
            const char* operation, const char* summary, Method handler) {
  Route out;
  out.method = method;
  out.pattern = std::string("/api/v1/admin") + path;
  out.operation = operation;
  out.summary = summary;
  out.tag = "Admin";
  out.access = Access::admin;
  out.handler = [admin = std::move(admin), handler](Call& call) {
    return ((*admin).*handler)(call);
  };
  return out;
}

std::vector<QueryParameter> list_query() {
  return {
      {.name = "status", .description = "Only these", .one_of = {"active", "suspended"}},
      {.name = "search", .description = "Part of the id or the name"},
      {.name = "limit", .type = "integer", .default_value = "1000", .minimum = 1, .maximum = 1000},
      {.name = "offset", .type = "integer", .default_value = "0", .minimum = 0}};
}

}  // namespace

std::vector<Route> tenant_admin_routes(tenancy::Tenants& tenants, auth::Auth& auth,
                                       audit::Audit& audit, TenantFigures figures) {
  const auto admin = std::make_shared<TenantAdmin>(tenants, auth, audit, std::move(figures));
  std::vector<Route> routes = {
      route(admin, "GET", "/health", "admin.health", "How the platform is", &TenantAdmin::health),
      route(admin, "GET", "/tenants", "admin.tenants.list", "All tenants", &TenantAdmin::list),
      route(admin, "POST", "/tenants", "admin.tenants.create", "A new tenant, its owner invited",
            &TenantAdmin::create),
      route(admin, "GET", "/tenants/summary", "admin.tenants.summary", "All tenants in short",
            &TenantAdmin::list),
      route(admin, "GET", "/tenants/{id}", "admin.tenants.get", "One tenant", &TenantAdmin::detail),
      route(admin, "DELETE", "/tenants/{id}", "admin.tenants.delete",
            "Remove a tenant and everything of it", &TenantAdmin::remove),
      route(admin, "GET", "/tenants/{id}/stats", "admin.tenants.stats", "Figures of one tenant",
            &TenantAdmin::stats),
      route(admin, "POST", "/tenants/{id}/suspend", "admin.tenants.suspend",
            "Shut a tenant out, at once", &TenantAdmin::suspend),
      route(admin, "POST", "/tenants/{id}/activate", "admin.tenants.activate", "Let it in again",
            &TenantAdmin::activate)};
  for (auto& out : routes) {
    if (out.operation == "admin.tenants.create") {
      out.body_schema = kCreate;
      out.success_status = 201;
    }
    if (out.operation == "admin.tenants.suspend") out.body_schema = kSuspend;
    if (out.operation == "admin.tenants.list" || out.operation == "admin.tenants.summary")
      out.query = list_query();
    if (out.operation == "admin.tenants.delete")
      out.query = {{.name = "confirm", .type = "boolean", .description = "Must be true"}};
  }
  return routes;
}

}  // namespace host::api
