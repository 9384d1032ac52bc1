// Routes of the host and of plugins in one shape, so that one pipeline (pipeline.hpp) guards them
// all and one document (openapi.hpp) describes them all.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/call_token.hpp"
#include "http/message.hpp"

namespace host::api {

// Who may call a route at all; permission comes on top.
enum class Access : std::uint8_t {
  open,   // nobody needs to be known (health, login)
  user,   // a verified access token of an active user of an active tenant
  admin,  // the platform administrator (X-Admin-Token or a platform user's token)
  link,   // whoever has an address that was signed for this route (tenancy/links.hpp)
};

// What a handler gets: a request that has passed every guard of its route.
struct Call {
  const http::Request& request;
  const CallToken* token = nullptr;  // set unless the route is open; of a link: nobody as user
  std::string request_id;
  std::string client_address;  // the peer, or what a trusted proxy says about it
  std::vector<std::pair<std::string, std::string>> path_parameters;
  Deadline deadline;

  // Percent-decoded path parameter; throws std::logic_error if the pattern has none of that name.
  const std::string& path(std::string_view name) const;
  // Query parameters, validated against the route's declaration.
  std::optional<std::string> query(std::string_view name) const;
  std::int64_t query_integer(std::string_view name, std::int64_t fallback) const;
  bool query_flag(std::string_view name, bool fallback) const;
  // The JSON body, parsed once; validated against the route's schema. null if there is none.
  const nlohmann::json& json() const;

  struct Body;
  std::shared_ptr<Body> body;  // filled by the pipeline
};

using Handler = std::function<http::Response(Call&)>;

// What is posted must be signed (signed_post.hpp).
struct PostSignature {
  // The public key, base64; "" while nobody has set one. May throw Problem.
  std::function<std::string(const CallToken*)> key;
  bool required = true;  // without a key nothing passes; else everything does
};

struct QueryParameter {
  std::string name;
  std::string type = "string";  // string, integer, number, boolean
  std::string description;
  bool required = false;
  std::string default_value;
  std::optional<double> minimum, maximum;
  std::vector<std::string> one_of;
};

struct Route {
  std::string method;     // GET, POST, PUT, PATCH, DELETE
  std::string pattern;    // "/api/v1/users/{id}"
  std::string operation;  // unique id: "users.get"
  std::string summary;
  std::string tag;  // OpenAPI group
  Access access = Access::user;
  std::string permission;  // needed on top of Access::user; "" only for what every user may do
  std::vector<QueryParameter> query = {};
  // JSON Schemas (draft 2020-12 subset shared with OpenAPI 3.1) as text; "" none.
  std::string body_schema = "";
  std::string response_schema = "";
  int success_status = 200;
  std::uint64_t body_limit = 0;          // bytes; 0: the profile's
  std::chrono::milliseconds timeout{0};  // 0: the profile's
  std::string rate_limit = "";    // name of a per-address limit: login, refresh, reset; "" none
  bool blocking = false;          // waits much: runs on the blocking pool
  bool multipart = false;         // takes multipart/form-data instead of JSON
  std::string event_stream = "";  // event by which its answer is streamed, if asked; "" never
  std::string plugin = "";        // id of the plugin it belongs to; "" the host
  std::string link = "";          // what its links are signed for beside the plugin: its handler
  std::optional<PostSignature> signature = {};
  Handler handler;
};

// {"success": true, ...fields} with the given status.
http::Response json_response(const nlohmann::json& document, int status = 200);
// {"success": true, "data": data}
http::Response data_response(const nlohmann::json& data, int status = 200);
// {"success": true, "data": rows, "count": rows.size()}
http::Response list_response(const nlohmann::json& rows);

}  // namespace host::api
