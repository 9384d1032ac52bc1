// GET /api/v1/client/info    user
#include "api/routes/client_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/tenant_document.hpp"
#include "base/problem.hpp"

namespace host::api {

std::vector<Route> client_routes(tenancy::Tenants& tenants) {
  Route info;
  info.method = "GET";
  info.pattern = "/api/v1/client/info";
  info.operation = "client.info";
  info.summary = "One's own organisation";
  info.tag = "Client";
  info.handler = [&tenants](Call& call) {
    const auto tenant = tenants.find(call.token->tenant());
    if (!tenant) throw not_found("This organisation is gone.");
    return data_response(client_info(*tenant));
  };
  return {std::move(info)};
}

}  // namespace host::api
