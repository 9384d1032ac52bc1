// The host's own routes behind the real pipeline, called without a socket.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/idempotency.hpp"
#include "api/pipeline.hpp"
#include "api/routes/access_routes.hpp"
#include "api/routes/audit_routes.hpp"
#include "api/routes/auth_routes.hpp"
#include "api/routes/client_routes.hpp"
#include "api/routes/tenant_admin_routes.hpp"
#include "api/routes/user_routes.hpp"
#include "http/worker_pool.hpp"
#include "unit/auth/house.hpp"

namespace front_door {

using namespace host;
using nlohmann::json;
using Headers = std::vector<std::pair<std::string, std::string>>;

class Answer final : public http::Reply::Target {
 public:
  void respond(std::uint64_t, http::Response response) override {
    promise.set_value(std::move(response));
  }
  std::unique_ptr<http::Reply::Stream> stream(std::uint64_t, http::Response) override {
    return nullptr;
  }
  bool gone(std::uint64_t) const override { return false; }
  std::promise<http::Response> promise;
};

struct Result {
  int status = 0;
  json body;
  http::Headers headers;
};

class FrontDoor {
 public:
  FrontDoor()
      : idempotency(*house.store),
        pipeline({}, house.auth->authenticator(), links, idempotency, workers, blocking) {
    std::vector<api::Route> routes;
    const auto add = [&](std::vector<api::Route> more) {
      for (auto& route : more) routes.push_back(std::move(route));
    };
    add(api::auth_routes(*house.auth));
    add(api::user_routes(*house.auth));
    add(api::access_routes(*house.auth));
    add(api::client_routes(*house.tenants));
    add(api::audit_routes(*house.audit));
    add(api::tenant_admin_routes(*house.tenants, *house.auth, *house.audit));
    pipeline.set_routes(std::make_shared<const api::RouteTable>(std::move(routes)));
  }

  Result call(const std::string& method, const std::string& target, const json& body = nullptr,
              const Headers& headers = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (const auto mark = target.find('?'); mark != std::string::npos)
      request.query = target.substr(mark + 1);
    request.headers.add("Host", "localhost");
    if (!body.is_null()) {
      request.headers.add("Content-Type", "application/json");
      request.body = body.dump();
    }
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.peer_address = "192.0.2.1";
    const auto answer = std::make_shared<Answer>();
    auto future = answer->promise.get_future();
    pipeline.handle(std::move(request), http::Reply(answer, 1));
    const auto response = future.get();
    return {response.status, json::parse(response.body, nullptr, false), response.headers};
  }
  // Signed in as this user.
  Headers as(const std::string& email, const std::string& tenant = "") {
    return {{"Authorization", "Bearer " + house.login(email, tenant).tokens.access}};
  }

  static inline const Headers kAdmin = {{"X-Admin-Token", "administrators only"}};
  house::House house;
  http::WorkerPool workers{"work", 2, 64}, blocking{"block", 1, 8};
  const tenancy::Links links{{}, "http://localhost"};
  api::Idempotency idempotency;
  api::Pipeline pipeline;
};

}  // namespace front_door
