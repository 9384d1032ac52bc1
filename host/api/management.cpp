#include "api/management.hpp"

#include "api/call_body.hpp"
#include "api/problem_response.hpp"
#include "api/routes/operations_routes.hpp"
#include "base/random.hpp"
#include "observe/metrics.hpp"

namespace host::api {
namespace {

std::vector<Route> with_metrics(std::vector<Route> routes) {
  Route route{.method = "GET",
              .pattern = "/metrics",
              .operation = "metrics",
              .summary = "Prometheus metrics",
              .tag = "Operations"};
  route.access = Access::open;
  route.handler = [](Call&) {
    http::Response response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = observe::metrics().exposition();
    return response;
  };
  routes.push_back(std::move(route));
  return routes;
}

}  // namespace

Management::Management(const observe::Health& health, std::string version)
    : routes_(with_metrics(operations_routes(health, std::move(version), true))) {}

http::Admission Management::admit(const http::Request&) { return {1024, {}}; }

// Everything here is quick and touches no disk, so it may run on the I/O thread.
void Management::handle(http::Request&& request, http::Reply reply) {
  const auto match = routes_.match(request.method, request.path);
  if (!match.route) {
    reply.send(match.allow.empty()
                   ? error(404, "not_found", "There is nothing at this path.")
                   : error(405, "method_not_allowed", "This path takes " + match.allow + "."));
    return;
  }
  Call call{
      request, nullptr, uuid_v7(), request.peer_address, {}, {}, std::make_shared<Call::Body>()};
  reply.send(match.route->route.handler(call));
}

http::Response Management::error(int status, std::string_view code, std::string_view detail) {
  return problem_response(Problem(status, std::string(code), std::string(detail)), uuid_v7());
}

}  // namespace host::api
