#include "api/routes/package_routes.hpp"

#include <map>

#include <nlohmann/json.hpp>

#include "api/routes/plugin_document.hpp"
#include "base/problem.hpp"
#include "http/multipart.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestUpload = 128u << 20;  // bytes

// The form's parts by name, in memory: packages are small, and only administrators get here.
class Form : public http::MultipartSink {
 public:
  bool on_part(http::MultipartPart part) override {
    if (parts_.contains(part.name))
      throw bad_request("The form has two parts named " + part.name + ".");
    current_ = &parts_[part.name];
    return true;
  }
  bool on_bytes(std::string_view bytes) override {
    current_->append(bytes);
    return true;
  }
  bool on_part_end() override { return true; }

  std::map<std::string, std::string> parts_;

 private:
  std::string* current_ = nullptr;
};

plugins::Installed::Wish wish_of(const std::map<std::string, std::string>& parts) {
  plugins::Installed::Wish wish;
  std::vector<FieldError> errors;
  for (const auto& [name, value] : parts) {
    if (name == "file") continue;
    if (name == "placement" && (value == "isolated" || value == "in-process"))
      wish.isolated = value == "isolated";
    else if (name == "for_all_tenants" && (value == "true" || value == "false"))
      wish.for_all_tenants = value == "true";
    else
      errors.push_back({"/" + name,
                        "known are placement (isolated, in-process) and for_all_tenants (true, "
                        "false), beside file"});
  }
  if (!parts.contains("file")) errors.push_back({"/file", "is missing: the package"});
  if (!errors.empty()) throw unprocessable(std::move(errors));
  return wish;
}

class Packages {
 public:
  Packages(plugins::Registry& registry, plugins::Installed& installed, audit::Audit& audit)
      : registry_(registry), installed_(installed), audit_(audit) {}

  http::Response install(Call& call) const {
    Form form;
    http::MultipartLimits limits;
    limits.parts = 3;
    limits.field_bytes = 100;
    limits.file_bytes = kLargestUpload;
    const auto fault = http::parse_multipart(call.request, form, limits);
    if (fault.status != 0)
      throw Problem(fault.status, std::string(fault.code), std::string(fault.detail));
    auto wish = wish_of(form.parts_);
    wish.by = call.token->user();
    try {
      const auto info = installed_.install(registry_, form.parts_.at("file"), wish);
      record(call, "plugin.install", "success", info.id, to_json(info));
      return data_response(to_json(info), 201);
    } catch (const Problem& problem) {
      record(call, "plugin.install", "failure", "", {{"detail", problem.detail()}});
      throw;
    }
  }

  http::Response remove(Call& call) const {
    const auto& id = call.path("id");
    try {
      installed_.remove(registry_, id);
    } catch (const Problem& problem) {
      record(call, "plugin.remove", "failure", id, {{"detail", problem.detail()}});
      throw;
    }
    record(call, "plugin.remove", "success", id, Json::object());
    return json_response({{"message", "Removed."}});
  }

 private:
  void record(const Call& call, const char* action, const char* outcome, const std::string& target,
              const Json& details) const {
    audit_.record(
        *call.token,
        {action, outcome, call.token->user(), target, call.client_address, call.request_id},
        details);
  }

  plugins::Registry& registry_;
  plugins::Installed& installed_;
  audit::Audit& audit_;
};

constexpr auto kForm = R"({"type":"object","required":["file"],"additionalProperties":false,
  "properties":{"file":{"type":"string","format":"binary","description":"A .seraiplugin package."},
    "placement":{"type":"string","enum":["isolated","in-process"]},
    "for_all_tenants":{"type":"boolean"}}})";

}  // namespace

std::vector<Route> package_routes(plugins::Registry& registry, plugins::Installed& installed,
                                  audit::Audit& audit) {
  const auto packages = std::make_shared<Packages>(registry, installed, audit);
  Route install{.method = "POST",
                .pattern = "/api/v1/admin/plugins",
                .operation = "admin.plugins.install",
                .summary = "Install a package, or replace a plugin by it, without a restart",
                .tag = "Plugins",
                .access = Access::admin,
                .body_schema = kForm,
                .success_status = 201,
                .body_limit = kLargestUpload,
                .blocking = true,
                .multipart = true};
  install.handler = [packages](Call& call) { return packages->install(call); };
  Route remove{.method = "DELETE",
               .pattern = "/api/v1/admin/plugins/{id}",
               .operation = "admin.plugins.remove",
               .summary = "Stop and remove an installed plugin; the tenants' data stays",
               .tag = "Plugins",
               .access = Access::admin,
               .blocking = true};
  remove.handler = [packages](Call& call) { return packages->remove(call); };
  std::vector<Route> routes;
  routes.push_back(std::move(install));
  routes.push_back(std::move(remove));
  return routes;
}

}  // namespace host::api
