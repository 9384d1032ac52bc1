#include "api/response_headers.hpp"

#include <algorithm>

namespace host::api {
namespace {

constexpr auto kAllowedHeaders =
    "Authorization, Content-Type, X-Client-ID, X-Tenant-ID, X-Request-ID, X-Admin-Token, "
    "Idempotency-Key, "
    "If-Match, If-None-Match, Accept, Origin";
constexpr auto kPolicy = "Content-Security-Policy", kReferrer = "Referrer-Policy";
constexpr auto kExposedHeaders =
    "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-Response-Time, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag";

}  // namespace

ResponseHeaders::ResponseHeaders(std::vector<std::string> cors_origins, bool strict_transport)
    : origins_(std::move(cors_origins)),
      security_{security(false, strict_transport), security(true, strict_transport)} {}

ResponseHeaders::Security ResponseHeaders::security(bool embeddable, bool strict_transport) {
  Security security;
  auto& fields = security.fields;
  fields.add("X-Frame-Options", embeddable ? "SAMEORIGIN" : "DENY");
  fields.add("X-Content-Type-Options", "nosniff");
  fields.add("X-XSS-Protection", "1; mode=block");
  fields.add(kPolicy, embeddable ? "default-src 'none'; frame-ancestors 'self'"
                                 : "default-src 'none'; frame-ancestors 'none'");
  fields.add(kReferrer, "strict-origin-when-cross-origin");
  fields.add("Permissions-Policy", "geolocation=(), camera=(), microphone=()");
  if (strict_transport)
    fields.add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  http::Response all;
  for (const auto& [name, value] : fields) all.add_line(name, value);
  security.lines = std::move(all.lines);
  return security;
}

void ResponseHeaders::add_security(http::Response& response, bool embeddable) const {
  auto& headers = response.headers;
  const auto& security = security_[embeddable ? 1 : 0];
  const bool speaks_of_it =
      std::any_of(security.fields.begin(), security.fields.end(),
                  [&](const auto& field) { return headers.find(field.first) != nullptr; });
  if (!speaks_of_it) {
    response.lines += security.lines;
    return;
  }
  for (const auto& [name, value] : security.fields) {
    if ((name == kPolicy || name == kReferrer) && headers.find(name)) continue;
    headers.remove(name);
    response.add_line(name, value);
  }
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
