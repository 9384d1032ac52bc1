// GET /api/v1/audit                  audit.read: newest first
// GET /api/v1/audit/verify           audit.read
// GET /api/v1/admin/audit            platform administrator: the platform's chain
// GET /api/v1/admin/audit/verify     platform administrator
#include "api/routes/audit_routes.hpp"

#include <nlohmann/json.hpp>

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kDefaultRows = 50, kMaxRows = 500;

Route route(const char* pattern, const char* operation, const char* summary, bool platform,
            Handler handler) {
  Route out;
  out.method = "GET";
  out.pattern = pattern;
  out.operation = operation;
  out.summary = summary;
  out.tag = platform ? "Admin" : "Audit";
  out.access = platform ? Access::admin : Access::user;
  out.permission = platform ? "" : "audit.read";
  out.handler = std::move(handler);
  return out;
}

Handler list_handler(audit::Audit& audit) {
  return [&audit](Call& call) {
    const auto limit = call.query_integer("limit", kDefaultRows);
    const auto rows =
        audit.list(*call.token, static_cast<std::uint64_t>(call.query_integer("before", 0)),
                   static_cast<std::size_t>(limit));
    Json document = {{"success", true}, {"data", rows}, {"count", rows.size()}};
    const bool more = static_cast<std::int64_t>(rows.size()) == limit && rows.back()["seq"] > 1;
    document["next"] = more ? rows.back()["seq"] : Json();
    return json_response(document);
  };
}

Handler verify_handler(audit::Audit& audit) {
  return [&audit](Call& call) {
    const auto verdict = audit.verify(*call.token);
    return data_response({{"intact", verdict.intact},
                          {"entries", verdict.entries},
                          {"detail", verdict.detail},
                          {"public_key", audit.public_key()}});
  };
}

}  // namespace

std::vector<Route> audit_routes(audit::Audit& audit) {
  std::vector<Route> routes = {
      route("/api/v1/audit", "audit.list", "Who did what here", false, list_handler(audit)),
      route("/api/v1/audit/verify", "audit.verify", "Is the record whole", false,
            verify_handler(audit)),
      route("/api/v1/admin/audit", "admin.audit.list", "Who did what on the platform", true,
            list_handler(audit)),
      route("/api/v1/admin/audit/verify", "admin.audit.verify", "Is the platform's record whole",
            true, verify_handler(audit))};
  for (auto& out : routes) {
    if (out.operation.ends_with("verify")) continue;
    out.query = {{.name = "before",
                  .type = "integer",
                  .description = "Entries with a smaller number",
                  .minimum = 0},
                 {.name = "limit",
                  .type = "integer",
                  .description = "How many",
                  .default_value = "50",
                  .minimum = 1,
                  .maximum = kMaxRows}};
  }
  return routes;
}

}  // namespace host::api
