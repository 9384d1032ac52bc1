// The OpenAPI 3.1 document of exactly the routes that are on.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "api/route.hpp"

namespace host::api {

struct ApiInfo {
  std::string title = "Serai";
  std::string version;
  std::string server_url;
};

std::string openapi_document(const ApiInfo& info, std::span<const Route> routes);

// GET /openapi.json, which describes `routes` and itself.
Route openapi_route(const ApiInfo& info, std::vector<Route> routes);

}  // namespace host::api
