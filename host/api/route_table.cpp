#include "api/route_table.hpp"

#include <stdexcept>

namespace host::api {

RouteTable::RouteTable(std::vector<Route> routes) {
  auto& metrics = observe::metrics();
  std::vector<http::Router::Route> patterns;
  for (auto& route : routes) {
    auto compiled = std::make_unique<CompiledRoute>();
    compiled->route = std::move(route);
    const auto& r = compiled->route;
    if (!r.body_schema.empty() && !r.multipart) {
      try {
        compiled->body.emplace(r.body_schema);
      } catch (const std::exception& error) {
        throw std::invalid_argument(r.operation + ": body schema: " + error.what());
      }
    }
    const std::string plugin = r.plugin.empty() ? "host" : r.plugin;
    compiled->duration = &metrics.histogram("serai_http_request_duration_seconds",
                                            "Time from the whole request to its answer.",
                                            {{"plugin", plugin}, {"route", r.operation}});
    for (int status = 1; status < 6; ++status) {
      compiled->by_class[status] = &metrics.counter(
          "serai_http_requests_total", "Answered requests.",
          {{"plugin", plugin}, {"route", r.operation}, {"status", std::to_string(status) + "xx"}});
    }
    compiled->by_class[0] = compiled->by_class[5];
    patterns.push_back({r.method, r.pattern, static_cast<std::uint32_t>(routes_.size())});
    routes_.push_back(std::move(compiled));
  }
  std::vector<http::Router::Conflict> conflicts;
  router_ = http::Router::build(patterns, conflicts);
  if (!conflicts.empty()) {
    const auto& first = conflicts.front();
    throw std::invalid_argument(routes_[first.route]->route.operation + ": " + first.reason);
  }
}

const CompiledRoute* RouteTable::find(std::string_view method, std::string_view path) const {
  const auto found = router_->match(method, path);
  return found.outcome == http::Router::Outcome::found ? routes_[found.value].get() : nullptr;
}

RouteTable::Match RouteTable::match(std::string_view method, std::string_view path) const {
  auto found = router_->match(method, path);
  Match match;
  if (found.outcome == http::Router::Outcome::found) {
    match.route = routes_[found.value].get();
    match.parameters.reserve(found.parameters.size());
    for (const auto& [name, value] : found.parameters) match.parameters.emplace_back(name, value);
  } else if (found.outcome == http::Router::Outcome::method_not_allowed) {
    match.allow = std::move(found.allow);
  }
  return match;
}

}  // namespace host::api
