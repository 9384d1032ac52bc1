// An answer with a status and headers of its own. Handlers for which 200 and JSON are enough return
// serai::Json instead.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serai/detail/context.hpp"
#include "serai/http_client.hpp"
#include "serai/json.hpp"

namespace serai {

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  std::string blob = {};  // a reference: the host sends the blob instead of `body`

  // "success": true is added to an object that has no "success".
  static Response json(Json value, int status = 200);
  static Response text(std::string body, int status = 200) {
    return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::move(body), {}};
  }
  static Response html(std::string body, int status = 200) {
    return {status, {{"content-type", "text/html; charset=utf-8"}}, std::move(body), {}};
  }
  static Response bytes(std::string content_type, std::string body, int status = 200) {
    return {status, {{"content-type", std::move(content_type)}}, std::move(body), {}};
  }
  // A blob of the tenant, sent without passing through the plugin.
  static Response from_blob(std::string_view reference, std::string content_type,
                            int status = 200) {
    return {status, {{"content-type", std::move(content_type)}}, {}, std::string(reference)};
  }
  static Response empty(int status = 204) { return {status, {}, {}, {}}; }

  // Adds a header, for chains.
  Response& with_header(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Response&& with_header(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
};

// 201 with {"success": true, "data": value}.
inline Response created(Json value) { return Response::json(data(std::move(value)), 201); }

// 202 with {"success": true, "data": value}: the work goes on as a job.
inline Response accepted(Json value) { return Response::json(data(std::move(value)), 202); }

namespace detail {

inline std::string answer_text(Json&& value) {
  if (value.is_object() && !value.contains("success")) value["success"] = true;
  return dump_json(value);
}

inline void send(const Context& context, int status, std::string_view content_type,
                 std::string_view body) {
  const serai_pair header{to_str("content-type"), to_str(content_type)};
  check(context,
        context.interfaces->response->respond(context.call, status, &header, 1, to_str(body)));
}

inline void send(const Context& context, Json&& value) {
  send(context, 200, "application/json", answer_text(std::move(value)));
}

inline void send(const Context& context, const Response& response) {
  std::vector<serai_pair> headers;
  headers.reserve(response.headers.size());
  for (const auto& [name, value] : response.headers) {
    headers.push_back({to_str(name), to_str(value)});
  }
  const auto count = static_cast<std::uint32_t>(headers.size());
  const serai_response_api* api = context.interfaces->response;
  check(context, response.blob.empty()
                     ? api->respond(context.call, response.status, headers.data(), count,
                                    to_str(response.body))
                     : api->respond_blob(context.call, response.status, headers.data(), count,
                                         to_str(response.blob)));
}

}  // namespace detail

inline Response Response::json(Json value, int status) {
  return bytes("application/json", detail::answer_text(std::move(value)), status);
}

}  // namespace serai
