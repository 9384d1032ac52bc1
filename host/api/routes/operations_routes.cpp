#include "api/routes/operations_routes.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/time.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

http::Response plain(const Json& document, int status = 200) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = document.dump();
  return response;
}

Json stamped(const char* status) { return {{"status", status}, {"timestamp", to_text(now())}}; }

http::Response ready(const observe::Health& health, bool detailed) {
  const auto report = health.report();
  Json checks = Json::object();
  for (const auto& [name, result] : report.checks) {
    std::string text = result.healthy ? "healthy" : "unhealthy";
    if (detailed && !result.detail.empty()) text += ": " + result.detail;
    checks[name] = std::move(text);
  }
  Json document = stamped(report.ready ? "ready" : "not_ready");
  document["checks"] = checks;
  return plain(document, report.ready ? 200 : 503);
}

Route open(const char* pattern, const char* operation, const char* summary, Handler handler) {
  Route route{.method = "GET",
              .pattern = pattern,
              .operation = operation,
              .summary = summary,
              .tag = "Operations"};
  route.access = Access::open;
  route.handler = std::move(handler);
  return route;
}

}  // namespace

std::vector<Route> operations_routes(const observe::Health& health, std::string version,
                                     bool detailed) {
  std::vector<Route> routes;
  routes.push_back(open("/", "root", "Name and version", [version = std::move(version)](Call&) {
    Json document = stamped("running");
    document["name"] = "Serai";
    document["version"] = version;
    return plain(document);
  }));
  routes.push_back(open("/health", "health", "Is the process answering",
                        [](Call&) { return plain(stamped("healthy")); }));
  routes.push_back(open("/health/live", "health.live", "Is the process alive",
                        [](Call&) { return plain(stamped("alive")); }));
  routes.push_back(open("/health/ready", "health.ready", "Can it serve; names what is down",
                        [&health, detailed](Call&) { return ready(health, detailed); }));
  routes.push_back(
      open("/health/startup", "health.startup", "Has it finished starting", [&health](Call&) {
        return health.started() ? plain(stamped("started")) : plain(stamped("starting"), 503);
      }));
  return routes;
}

}  // namespace host::api
