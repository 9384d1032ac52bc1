// All for the platform administrator; the second paths stand beside the webhook:
// GET    /api/v1/admin/mail-in/status           /webhooks/email/status
// GET    /api/v1/admin/mail-in/lookup?address=  /webhooks/email/lookup/{email}
// GET    /api/v1/admin/mail-in/addresses
// PUT    /api/v1/admin/mail-in/addresses/{address}
// DELETE /api/v1/admin/mail-in/addresses/{address}
// GET    /api/v1/admin/mail-in/inbox
// GET    /api/v1/admin/mail-in/inbox/{id}
// DELETE /api/v1/admin/mail-in/inbox/{id}
// POST   /api/v1/admin/mail-in/inbox/{id}/deliver
#include "api/routes/mail_in_routes.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/routes/mail_in_settings.hpp"
#include "base/problem.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;
using mail_in::Inbox;

constexpr std::size_t kShown = 64 << 10;  // bytes of a mail in an answer
constexpr std::int64_t kMost = 1000;

constexpr auto kTenant = R"({"type":"object","required":["tenant_id"],"additionalProperties":false,
  "properties":{"tenant_id":{"type":"string","minLength":3,"maxLength":50}}})";

mail_in::Address address_of(const std::string& text, const char* where) {
  auto address = mail_in::parse_address(text);
  if (!address || address->domain.empty())
    throw unprocessable({{where, "must be an address such as travel@example.com"}});
  return *address;
}

// As uuid_v7() writes them: nothing else is asked for in the database.
const std::string& id_of(const Call& call) {
  const auto& id = call.path("id");
  const bool plausible = id.size() == 36 && std::all_of(id.begin(), id.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
                         });
  if (!plausible) throw not_found("There is no such mail in the inbox.");
  return id;
}

Json row_of(const Inbox::Entry& entry) {
  return {{"id", entry.id},
          {"from", entry.sender},
          {"to", entry.recipients},
          {"subject", entry.subject},
          {"via", entry.via},
          {"size", entry.size},
          {"content_type", entry.content_type},
          {"received_at", entry.received_at}};
}

// Data as the admin API gives it, or beside `success` as those who know the webhook's paths expect.
using Envelope = http::Response (*)(const Json&, int);
using Data = Json (*)(const mail_in::Diagnosis&, mail_in::MailIn&, const Call&);

Json status_of(const mail_in::Diagnosis& diagnosis, mail_in::MailIn& mail, const Call&) {
  const auto& options = mail.options();
  const auto& around = diagnosis.surroundings();
  const auto used = mail.inbox().use();
  Json endpoints = Json::array();
  if (around.secret || around.key)
    endpoints = {"/webhooks/email/inbound", "/api/webhooks/sendgrid-inbound"};
  auto told = mail_in_settings(options, around);
  told["endpoints"] = std::move(endpoints);
  told["known_tenants"] = diagnosis.tenant_count();
  told["addresses"] = mail.addresses().count();
  told["inbox"] = {{"messages", used.messages},
                   {"bytes", used.bytes},
                   {"most_messages", options.inbox.messages},
                   {"most_bytes", options.inbox.bytes}};
  return told;
}

// What helps where mail does not get through; null: nothing is wrong.
Json suggestion_for(const std::string& fate, const std::string& address) {
  if (fate == "later")
    return "The tenant is not active: activate it, and the senders' tries succeed.";
  if (fate == "tenant") return nullptr;
  return "Give it to a tenant: PUT /api/v1/admin/mail-in/addresses/" + address + ".";
}

Json look_up(const mail_in::Diagnosis&, mail_in::MailIn& mail, const Call& call) {
  const bool in_path = !call.path_parameters.empty();
  const auto address = in_path ? address_of(call.path("email"), "path/email")
                               : address_of(call.query("address").value_or(""), "query/address");
  const auto answer = mail.look_up(address);
  Json data{{"address", address.text()},
            {"found", answer.found.has_value()},
            {"fate", answer.fate},
            {"suggestion", suggestion_for(answer.fate, mail_in::lower(address.text()))}};
  if (answer.found) {
    data["tenant_id"] = answer.found->tenant;
    data["strategy"] = mail_in::name_of(answer.found->by);
    data["matched_email"] = mail_in::lower(address.text());
    data["status"] = answer.status;
  }
  return data;
}

class MailInAdmin {
 public:
  MailInAdmin(mail_in::MailIn& mail, audit::Audit& audit) : mail_(mail), audit_(audit) {}

  http::Response addresses(Call& call) const {
    const auto limit = static_cast<std::size_t>(call.query_integer("limit", 100));
    auto all = mail_.addresses().list(call.query("after").value_or(""), limit + 1);
    const bool more = all.size() > limit;
    if (more) all.resize(limit);
    Json rows = Json::array();
    for (const auto& one : all)
      rows.push_back({{"address", one.address},
                      {"tenant_id", one.tenant},
                      {"assigned_at", one.assigned_at},
                      {"assigned_by", one.assigned_by}});
    return page(std::move(rows), more ? Json(all.back().address) : Json());
  }

  http::Response assign(Call& call) const {
    const auto address = address_of(call.path("address"), "path/address");
    const std::string tenant = call.json()["tenant_id"];
    mail_.require_tenant(tenant);
    const bool made = mail_.addresses().assign(address, tenant, call.token->user());
    if (made) record(call, "mail_in.address.assign", address.text(), {{"tenant", tenant}});
    return data_response({{"address", mail_in::lower(address.text())}, {"tenant_id", tenant}},
                         made ? 201 : 200);
  }

  http::Response unassign(Call& call) const {
    const auto address = address_of(call.path("address"), "path/address");
    if (!mail_.addresses().remove(address)) throw not_found("Nobody was given that address.");
    record(call, "mail_in.address.remove", address.text(), Json::object());
    return json_response({{"message", "Removed."}});
  }

  http::Response inbox(Call& call) const {
    const auto limit = static_cast<std::size_t>(call.query_integer("limit", 100));
    auto all = mail_.inbox().list(call.query("before").value_or(""), limit + 1);
    const bool more = all.size() > limit;
    if (more) all.resize(limit);
    Json rows = Json::array();
    for (const auto& entry : all) rows.push_back(row_of(entry));
    return page(std::move(rows), more ? Json(all.back().id) : Json());
  }

  http::Response show(Call& call) const {
    const auto entry = mail_.inbox().find(id_of(call));
    const auto mail = entry ? mail_.inbox().open(entry->id) : std::nullopt;
    if (!mail) throw not_found("There is no such mail in the inbox.");
    Json data = row_of(*entry);
    data["content"] = mail->bytes.substr(0, kShown);
    data["whole"] = mail->bytes.size() <= kShown;
    record(call, "mail_in.inbox.read", entry->id, Json::object());
    return data_response(data);
  }

  http::Response remove(Call& call) const {
    const auto& id = id_of(call);
    if (!mail_.inbox().remove(id)) throw not_found("There is no such mail in the inbox.");
    record(call, "mail_in.inbox.remove", id, Json::object());
    return json_response({{"message", "Removed."}});
  }

  http::Response deliver(Call& call) const {
    const auto& id = id_of(call);
    const std::string tenant = call.json()["tenant_id"];
    const auto result = mail_.hand_over(id, tenant, call.deadline);
    record(call, "mail_in.inbox.deliver", id, {{"tenant", tenant}});
    return data_response(
        {{"tenant_id", tenant}, {"result", result.duplicate ? "duplicate" : "stored"}});
  }

 private:
  static http::Response page(Json rows, Json next) {
    const auto count = rows.size();
    return json_response({{"success", true},
                          {"data", std::move(rows)},
                          {"count", count},
                          {"next", std::move(next)}});
  }

  void record(const Call& call, const char* action, const std::string& target,
              const Json& details) const {
    audit_.record(
        *call.token,
        {action, "success", call.token->user(), target, call.client_address, call.request_id},
        details);
  }

  mail_in::MailIn& mail_;
  audit::Audit& audit_;
};

QueryParameter limit() {
  return {.name = "limit",
          .type = "integer",
          .description = "How many rows",
          .default_value = "100",
          .minimum = 1,
          .maximum = kMost};
}

}  // namespace

std::vector<Route> mail_in_routes(mail_in::MailIn& mail, audit::Audit& audit,
                                  std::shared_ptr<const mail_in::Diagnosis> diagnosis) {
  const auto admin = std::make_shared<MailInAdmin>(mail, audit);
  std::vector<Route> routes;
  const auto add_reading = [&](std::string pattern, const char* operation, const char* summary,
                               Data data, Envelope envelope) -> Route& {
    Route route{.method = "GET",
                .pattern = std::move(pattern),
                .operation = std::string("admin.mail_in.") + operation,
                .summary = summary,
                .tag = "Mail in",
                .access = Access::admin};
    route.handler = [diagnosis, &mail, data, envelope](Call& call) {
      return envelope(data(*diagnosis, mail, call), 200);
    };
    return routes.emplace_back(std::move(route));
  };
  constexpr auto kStatus = "Where mail comes in, and what the inbox holds";
  constexpr auto kLookUp = "What would become of mail to an address";
  const std::string own = "/api/v1/admin/mail-in", contract = "/webhooks/email";
  add_reading(own + "/status", "status", kStatus, status_of, data_response);
  add_reading(contract + "/status", "status.contract", kStatus, status_of, json_response);
  add_reading(own + "/lookup", "lookup", kLookUp, look_up, data_response).query = {
      {.name = "address", .description = "of the envelope", .required = true}};
  add_reading(contract + "/lookup/{email}", "lookup.contract", kLookUp, look_up, json_response);
  const auto add = [&](const char* method, const char* path, const char* operation,
                       const char* summary,
                       http::Response (MailInAdmin::*handler)(Call&) const) -> Route& {
    Route route{.method = method,
                .pattern = own + path,
                .operation = std::string("admin.mail_in.") + operation,
                .summary = summary,
                .tag = "Mail in",
                .access = Access::admin};
    route.handler = [admin, handler](Call& call) { return (*admin.*handler)(call); };
    return routes.emplace_back(std::move(route));
  };
  add("GET", "/addresses", "addresses.list", "Addresses that were given to tenants",
      &MailInAdmin::addresses)
      .query = {{.name = "after", .description = "`next` of the page before"}, limit()};
  add("PUT", "/addresses/{address}", "addresses.assign",
      "Give an address, of any domain, to a tenant", &MailInAdmin::assign)
      .body_schema = kTenant;
  add("DELETE", "/addresses/{address}", "addresses.remove", "Take an address back",
      &MailInAdmin::unassign);
  add("GET", "/inbox", "inbox.list", "Mail that was nobody's, newest first", &MailInAdmin::inbox)
      .query = {{.name = "before", .description = "`next` of the page before"}, limit()};
  add("GET", "/inbox/{id}", "inbox.get", "Such a mail, its first 64 KiB", &MailInAdmin::show);
  add("DELETE", "/inbox/{id}", "inbox.remove", "Remove such a mail", &MailInAdmin::remove);
  auto& deliver =
      add("POST", "/inbox/{id}/deliver", "inbox.deliver",
          "Give such a mail to a tenant, as if it had come to it", &MailInAdmin::deliver);
  deliver.body_schema = kTenant;
  deliver.blocking = true;
  return routes;
}

}  // namespace host::api
