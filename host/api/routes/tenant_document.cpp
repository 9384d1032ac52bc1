#include "api/routes/tenant_document.hpp"

#include <nlohmann/json.hpp>

namespace host::api {
namespace {

using Json = nlohmann::json;

Json text_or_empty(const Json& value) { return value.is_null() ? Json("") : value; }

Json array_at(const Json& settings, const char* pointer) {
  auto value = first_setting(settings, {pointer});
  return value.is_array() ? value : Json::array();
}

bool has(const Json& settings, std::initializer_list<const char*> pointers) {
  return !first_setting(settings, pointers).is_null();
}

}  // namespace

Json first_setting(const Json& settings, std::initializer_list<const char*> pointers) {
  for (const char* text : pointers) {
    const Json::json_pointer pointer(text);
    if (!settings.contains(pointer)) continue;
    const auto& value = settings[pointer];
    if (!value.is_null() && value != Json("")) return value;
  }
  return nullptr;
}

Json destination_names(const Json& settings) {
  Json names = Json::array();
  for (const auto& destination : array_at(settings, "/destinations")) {
    if (destination.is_string()) {
      names.push_back(destination);
      continue;
    }
    if (!destination.is_object() || !destination.contains("name")) continue;
    if (destination.value("enabled", Json(true)) != false) names.push_back(destination["name"]);
  }
  return names;
}

Json client_info(const tenancy::Tenant& tenant) {
  const Json& settings = tenant.settings;
  const auto read = [&](std::initializer_list<const char*> pointers) {
    return first_setting(settings, pointers);
  };
  Json banking = Json::object();
  for (const char* field : {"bank_name", "account_name", "account_number", "branch_code",
                            "swift_code", "reference_prefix"})
    banking[field] = text_or_empty(read({(std::string("/banking/") + field).c_str()}));
  const auto from_email =
      read({"/email/from_email", "/email/sendgrid/from_email", "/email/primary"});
  return {{"client_id", tenant.id},
          {"client_name", tenant.name},
          {"currency", tenant.currency},
          {"timezone", tenant.timezone},
          {"plan", tenant.plan},
          {"destinations", destination_names(settings)},
          {"primary_color", read({"/branding/primary_color"})},
          {"secondary_color", read({"/branding/secondary_color"})},
          {"logo_url", read({"/branding/logo_url"})},
          {"support_email", read({"/company/support_email", "/contacts/support_email",
                                  "/email/primary", "/contacts/admin_email"})},
          {"quotes_email", read({"/email/quotes_email", "/email/primary"})},
          {"support_phone", read({"/company/support_phone", "/contacts/support_phone"})},
          {"website", read({"/company/website", "/contacts/website"})},
          {"banking", banking},
          {"email_settings",
           {{"from_name", read({"/email/from_name", "/email/sendgrid/from_name"})},
            {"from_email", from_email},
            {"reply_to", read({"/email/reply_to", "/email/sendgrid/reply_to"})}}}};
}

Json tenant_row(const tenancy::Tenant& tenant) {
  const Json& settings = tenant.settings;
  return {
      {"tenant_id", tenant.id},
      {"company_name", tenant.name},
      {"name", tenant.name},
      {"currency", tenant.currency},
      {"timezone", tenant.timezone},
      {"plan", tenant.plan},
      {"status", tenant.status == tenancy::TenantStatus::suspended ? "suspended" : "active"},
      {"suspended_reason",
       tenant.suspended_reason.empty() ? Json() : Json(tenant.suspended_reason)},
      {"created_at", tenant.created_at},
      {"destinations", destination_names(settings)},
      {"vapi_configured", has(settings, {"/infrastructure/vapi/assistant_id"})},
      {"sendgrid_configured", has(settings, {"/email/sendgrid/from_email", "/email/from_email"})}};
}

Json tenant_detail(const tenancy::Tenant& tenant) {
  const Json& settings = tenant.settings;
  const auto read = [&](const char* pointer) { return first_setting(settings, {pointer}); };
  Json detail = tenant_row(tenant);
  const auto short_name = read("/client/short_name");
  detail["client"] = {{"name", tenant.name},
                      {"short_name", short_name.is_null() ? Json(tenant.id) : short_name},
                      {"company_name", first_setting(settings, {"/company/company_name",
                                                                "/branding/company_name"})},
                      {"timezone", tenant.timezone},
                      {"currency", tenant.currency}};
  if (detail["client"]["company_name"].is_null()) detail["client"]["company_name"] = tenant.name;
  detail["destinations_count"] = detail["destinations"].size();
  detail["hotels_count"] = 0;
  detail["rates_count"] = 0;
  detail["consultants"] = array_at(settings, "/consultants");
  detail["infrastructure"] = {
      {"gcp_project", read("/infrastructure/gcp/project_id")},
      {"gcp_region", read("/infrastructure/gcp/region")},
      {"dataset", read("/infrastructure/gcp/dataset")},
      {"supabase_configured", has(settings, {"/infrastructure/supabase/url"})},
      {"vapi",
       {{"configured", has(settings, {"/infrastructure/vapi/assistant_id"})},
        {"assistant_id", read("/infrastructure/vapi/assistant_id")},
        {"outbound_assistant_id", read("/infrastructure/vapi/outbound_assistant_id")},
        {"phone_number_id", read("/infrastructure/vapi/phone_number_id")}}},
      {"email",
       {{"configured", detail["sendgrid_configured"]},
        {"primary", read("/email/primary")},
        {"from_email",
         first_setting(settings, {"/email/from_email", "/email/sendgrid/from_email"})}}}};
  Json plugins = Json::object();
  for (const auto& [id, plugin] : tenant.plugins.items())
    plugins[id] = plugin.is_object() && plugin.value("enabled", Json(false)) == true;
  detail["plugins"] = plugins;
  return detail;
}

}  // namespace host::api
