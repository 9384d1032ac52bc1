// What handlers see of a request, and the envelopes they answer with.
#include <charconv>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "api/call_body.hpp"
#include "api/route.hpp"

namespace host::api {

const std::string& Call::path(std::string_view name) const {
  for (const auto& [key, value] : path_parameters) {
    if (key == name) return value;
  }
  throw std::logic_error("route has no path parameter " + std::string(name));
}

std::optional<std::string> Call::query(std::string_view name) const {
  for (const auto& [key, value] : body->query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::int64_t Call::query_integer(std::string_view name, std::int64_t fallback) const {
  const auto text = query(name);
  if (!text) return fallback;
  std::int64_t value = fallback;
  std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

bool Call::query_flag(std::string_view name, bool fallback) const {
  const auto text = query(name);
  return text ? *text == "true" || *text == "1" : fallback;
}

const nlohmann::json& Call::json() const { return body->json; }

http::Response json_response(const nlohmann::json& document, int status) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  if (document.is_object() && !document.contains("success")) {
    auto envelope = document;
    envelope["success"] = true;
    response.body = envelope.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    response.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return response;
}

http::Response data_response(const nlohmann::json& data, int status) {
  return json_response({{"success", true}, {"data", data}}, status);
}

http::Response list_response(const nlohmann::json& rows) {
  return json_response({{"success", true}, {"data", rows}, {"count", rows.size()}});
}

}  // namespace host::api
