// All for the platform administrator; each at two paths, the second beside the webhook:
// GET  /api/v1/admin/mail-in/diagnose   /webhooks/email/diagnose
// POST /api/v1/admin/mail-in/debug      /webhooks/email/debug
#include "api/routes/mail_diagnosis_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/mail_in_settings.hpp"
#include "base/problem.hpp"
#include "http/spooled_file.hpp"
#include "mail_in/form.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;
using mail_in::Diagnosis;

constexpr std::uint64_t kLargestForm = 40u << 20;  // bytes

Json row_of(const Diagnosis::Reached& one) {
  return {{"tenant_id", one.tenant},
          {"name", one.name},
          {"status", one.status},
          {"addresses", one.addresses},
          {"address_count", one.address_count},
          {"local_part", one.local_part},
          {"plus", one.plus},
          {"takes_mail", one.takes_mail},
          {"faults", one.faults}};
}

Json row_of(const mail_in::FieldSeen& field) {
  Json row{{"name", field.name}, {"size", field.size}};
  if (!field.content_type.empty()) row["content_type"] = field.content_type;
  if (!field.file_name.empty()) row["file_name"] = field.file_name;
  if (!field.value.empty()) row["value"] = field.value;
  return row;
}

Json row_of(const Diagnosis::Fate& fate) {
  Json row{{"recipient", fate.recipient}, {"fate", fate.fate}, {"why", fate.why}};
  if (fate.found) {
    row["tenant_id"] = fate.found->tenant;
    row["strategy"] = mail_in::name_of(fate.found->by);
  }
  return row;
}

class MailDiagnosis {
 public:
  MailDiagnosis(std::shared_ptr<const Diagnosis> diagnosis, mail_in::MailIn& mail,
                audit::Audit& audit)
      : diagnosis_(std::move(diagnosis)), mail_(mail), audit_(audit) {}

  http::Response diagnose(Call& call) const {
    const auto& around = diagnosis_->surroundings();
    const auto page =
        diagnosis_->tenants(call.query("after").value_or(""),
                            static_cast<std::size_t>(call.query_integer("limit", 50)));
    Json rows = Json::array();
    for (const auto& one : page.tenants) rows.push_back(row_of(one));
    record(call, "mail_in.diagnose");
    auto told = mail_in_settings(mail_.options(), around);
    told["plugin"] = around.receiver();
    told["faults"] = diagnosis_->faults();
    told["count"] = rows.size();
    told["tenants"] = std::move(rows);
    told["total"] = page.total;
    told["next"] = page.more ? Json(page.tenants.back().tenant) : Json();
    return json_response(told);
  }

  http::Response debug(Call& call) const {
    const auto& request = call.request;
    auto bytes = request.spooled ? request.spooled->read_all() : request.body;
    const auto type = request.headers.get("Content-Type");
    Json fields = Json::array(), fates = Json::array(), faults = Json::array();
    for (const auto& field : mail_in::fields_of_form(bytes, type)) fields.push_back(row_of(field));
    std::string sender, form;
    try {
      const auto mail = mail_in::mail_of_form(std::move(bytes), type);
      sender = mail.sender;
      form = mail_in::is_form(mail) ? "fields" : "message";
      for (const auto& fate : diagnosis_->foresee(mail)) fates.push_back(row_of(fate));
    } catch (const Problem& problem) {
      if (problem.status() != 422) throw;
      for (const auto& error : problem.errors())
        faults.push_back(error.pointer + " " + error.detail + ".");
    }
    for (const auto& fault : diagnosis_->faults()) faults.push_back(fault);
    record(call, "mail_in.debug");
    return json_response({{"message", "Nothing was stored or delivered."},
                          {"fields", std::move(fields)},
                          {"form", form},
                          {"sender", sender},
                          {"recipients", std::move(fates)},
                          {"faults", std::move(faults)}});
  }

 private:
  void record(const Call& call, const char* action) const {
    audit_.record(*call.token,
                  {action, "success", call.token->user(), "", call.client_address, call.request_id},
                  Json::object());
  }

  const std::shared_ptr<const Diagnosis> diagnosis_;
  mail_in::MailIn& mail_;
  audit::Audit& audit_;
};

}  // namespace

std::vector<Route> mail_diagnosis_routes(std::shared_ptr<const Diagnosis> diagnosis,
                                         mail_in::MailIn& mail, audit::Audit& audit) {
  const auto doctor = std::make_shared<MailDiagnosis>(std::move(diagnosis), mail, audit);
  std::vector<Route> routes;
  const auto add = [&](const std::string& pattern, const std::string& ending) {
    Route diagnose{
        .method = "GET",
        .pattern = pattern + "/diagnose",
        .operation = "admin.mail_in.diagnose" + ending,
        .summary = "Why mail does not arrive: what is set, and how each tenant is reached",
        .tag = "Mail in",
        .access = Access::admin,
        .query = {{.name = "after", .description = "`next` of the page before"},
                  {.name = "limit",
                   .type = "integer",
                   .description = "How many tenants",
                   .default_value = "50",
                   .minimum = 1,
                   .maximum = 200}}};
    diagnose.handler = [doctor](Call& call) { return doctor->diagnose(call); };
    routes.push_back(std::move(diagnose));
    Route debug{.method = "POST",
                .pattern = pattern + "/debug",
                .operation = "admin.mail_in.debug" + ending,
                .summary = "What would become of a mail that a provider posts; nothing is stored",
                .tag = "Mail in",
                .access = Access::admin,
                .body_limit = kLargestForm,
                .blocking = true,
                .multipart = true};
    debug.handler = [doctor](Call& call) { return doctor->debug(call); };
    routes.push_back(std::move(debug));
  };
  add("/api/v1/admin/mail-in", "");
  add("/webhooks/email", ".contract");
  return routes;
}

}  // namespace host::api
