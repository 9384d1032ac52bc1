#include "api/response_headers.hpp"

#include <algorithm>

namespace host::api {
namespace {

constexpr auto kAllowedHeaders =
    "Authorization, Content-Type, X-Client-ID, X-Tenant-ID, X-Request-ID, X-Admin-Token, "
    "Idempotency-Key, "
    "If-Match, If-None-Match, Accept, Origin";
constexpr auto kExposedHeaders =
    "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-Response-Time, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag";

}  // namespace

ResponseHeaders::ResponseHeaders(std::vector<std::string> cors_origins, bool strict_transport)
    : origins_(std::move(cors_origins)), strict_transport_(strict_transport) {}

void ResponseHeaders::add_security(http::Response& response, bool embeddable) const {
  auto& headers = response.headers;
  headers.add("X-Frame-Options", embeddable ? "SAMEORIGIN" : "DENY");
  headers.set("X-Content-Type-Options", "nosniff");  // a plugin may have said so itself
  headers.add("X-XSS-Protection", "1; mode=block");
  if (!headers.find("Content-Security-Policy")) {
    headers.add("Content-Security-Policy", embeddable
                                               ? "default-src 'none'; frame-ancestors 'self'"
                                               : "default-src 'none'; frame-ancestors 'none'");
  }
  if (!headers.find("Referrer-Policy"))
    headers.add("Referrer-Policy", "strict-origin-when-cross-origin");
  headers.add("Permissions-Policy", "geolocation=(), camera=(), microphone=()");
  if (strict_transport_)
    headers.add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

bool ResponseHeaders::listed(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void ResponseHeaders::add_cors(const http::Request& request, http::Response& response) const {
  if (origins_.empty()) return;
  response.headers.add("Vary", "Origin");
  const auto* origin = request.headers.find("Origin");
  if (!origin || !listed(*origin)) return;
  response.headers.add("Access-Control-Allow-Origin", *origin);
  response.headers.add("Access-Control-Allow-Credentials", "true");
  response.headers.add("Access-Control-Expose-Headers", kExposedHeaders);
}

http::Response ResponseHeaders::preflight(const http::Request& request,
                                          const std::string& methods) const {
  http::Response response;
  response.status = 204;
  response.headers.add("Allow", methods);
  const auto* origin = request.headers.find("Origin");
  if (origin && listed(*origin) && request.headers.find("Access-Control-Request-Method")) {
    response.headers.add("Access-Control-Allow-Methods", methods);
    response.headers.add("Access-Control-Allow-Headers", kAllowedHeaders);
    response.headers.add("Access-Control-Max-Age", "600");
  }
  return response;
}

}  // namespace host::api
