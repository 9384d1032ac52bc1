// The request the call benchmarks send to the plugin that does nothing: eight headers and a body of
// 200 bytes, as a browser's is.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "plugins/registry.hpp"
#include "tenancy/token_mint.hpp"

namespace host::bench {

inline CallToken make_token(std::chrono::milliseconds time = std::chrono::hours(24)) {
  auto permissions = std::make_shared<const std::set<std::string, std::less<>>>();
  return tenancy::TokenMint::for_user(
      {"lagoon", "user-1", "ann@example.com", "Ann", "admin", "session-1", permissions},
      {"request-1", "", std::chrono::steady_clock::now() + time});
}

inline const plugins::Field kHeaders[] = {
    {"host", "example.com"},   {"accept", "application/json"},
    {"accept-language", "en"}, {"content-type", "application/json"},
    {"user-agent", "bench/1"}, {"x-request-id", "request-1"},
    {"content-length", "200"}, {"cache-control", "no-cache"}};

// `body` is the caller's and stays.
inline plugins::RouteRequest noop_request(const std::string& body) {
  plugins::RouteRequest request;
  request.method = "GET";
  request.path = "/api/v1/noop";
  request.headers = kHeaders;
  request.body = body;
  return request;
}

}  // namespace host::bench
