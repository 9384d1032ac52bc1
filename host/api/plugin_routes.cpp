#include "api/plugin_routes.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fcntl.h>
#include <strings.h>

#include "api/call_body.hpp"
#include "api/upload.hpp"
#include "base/problem.hpp"
#include "http/ascii.hpp"
#include "tenancy/token_mint.hpp"

namespace host::api {
namespace {

using plugins::Field;

// Plugins learn who is calling from the call, never from a credential they could pass on.
bool is_credential(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames{
      "authorization", "cookie", "x-admin-token", "proxy-authorization", "x-client-id"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What a plugin sees of a request's headers: their names in lower case, without credentials. Looks
// into them.
class PluginHeaders {
 public:
  explicit PluginHeaders(const http::Headers& headers) {
    std::size_t length = 0, count = 0;
    for (const auto& [name, value] : headers) length += name.size(), ++count;
    names_.reserve(length);  // and never more: the fields point into it
    fields_.reserve(count);
    for (const auto& [name, value] : headers) {
      const auto begin = names_.size();
      for (const char c : name) names_ += http::lower(c);
      const std::string_view lower = std::string_view(names_).substr(begin);
      if (!is_credential(lower)) fields_.push_back({lower, value});
    }
  }
  PluginHeaders(const PluginHeaders&) = delete;
  PluginHeaders& operator=(const PluginHeaders&) = delete;

  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::string names_;
  std::vector<Field> fields_;
};

std::vector<Field> views(const Pairs& pairs) {
  std::vector<Field> out;
  out.reserve(pairs.size());
  for (const auto& [name, value] : pairs) out.push_back({name, value});
  return out;
}

std::string header_of(const Pairs& headers, std::string_view wanted) {
  for (const auto& [name, value] : headers) {
    if (name.size() == wanted.size() && ::strncasecmp(name.data(), wanted.data(), name.size()) == 0)
      return value;
  }
  return {};
}

// Where the operator lets clients fetch files from the store itself: the plugin has answered, so
// this caller may read the file.
std::optional<http::Response> redirect_to_store(const plugins::RouteReply& reply) {
  if (!reply.blob || reply.status != 200) return std::nullopt;
  auto link = reply.blob->link(
      {header_of(reply.headers, "content-type"), header_of(reply.headers, "content-disposition")});
  if (!link) return std::nullopt;
  http::Response response;
  response.status = 307;
  response.headers.add("Location", std::move(*link));
  response.headers.add("Cache-Control", "private, no-store");
  return response;
}

http::Response to_response(plugins::RouteReply reply, const std::string& method) {
  if (method == "GET") {
    if (auto redirect = redirect_to_store(reply)) return std::move(*redirect);
  }
  http::Response response;
  response.status = reply.status;
  for (auto& [name, value] : reply.headers) response.headers.add(std::move(name), std::move(value));
  if (!reply.blob) {
    response.body = std::move(reply.body);
    return response;
  }
  const int descriptor = ::fcntl(reply.blob->descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor >= 0) {
    response.file = std::make_shared<http::SpooledFile>(descriptor, reply.blob->size());
    return response;
  }
  // A store without plain files: by way of a temporary one.
  auto copy = std::make_shared<http::SpooledFile>();
  std::vector<std::byte> piece(256 * 1024);
  for (std::uint64_t at = 0; at < reply.blob->size();) {
    const auto got = reply.blob->read(at, piece);
    if (got == 0) break;
    copy->append({reinterpret_cast<const char*>(piece.data()), got});
    at += got;
  }
  response.file = std::move(copy);
  return response;
}

http::Response invoke(plugins::Registry& registry, storage::Blobs& blobs,
                      const plugins::MountedRoute& mounted, const Call& call) {
  // Nobody is known on a public route: the plugin runs without a tenant's data.
  std::optional<CallToken> nobody;
  const CallToken& token = call.token ? *call.token
                                      : nobody.emplace(tenancy::TokenMint::for_public(
                                            "", {call.request_id, "", call.deadline}));
  const PluginHeaders headers(call.request.headers);
  Upload upload;
  if (mounted.route.multipart)
    upload = receive_upload(call.request, token, blobs, registry.blob_keeper(),
                            mounted.route.link ? FormOf::provider : FormOf::api);
  const auto path_views = views(call.path_parameters);
  const auto query_views = views(call.body->query);
  plugins::RouteRequest request;
  request.method = call.request.method;
  request.path = call.request.path;
  request.query = call.request.query;
  request.path_parameters = path_views;
  request.query_parameters = query_views;
  request.headers = headers.fields();
  request.parts = upload.parts();
  request.body = call.request.body;
  request.read_only = mounted.route.read_only;
  request.quiet = !mounted.route.event_stream.empty();  // else it would call for itself
  return to_response(registry.call_route(token, mounted.target, request), call.request.method);
}

Route to_route(plugins::Registry& registry, storage::Blobs& blobs, plugins::MountedRoute mounted) {
  const auto& from = mounted.route;
  Route route;
  route.method = from.method;
  route.pattern = from.pattern;
  route.operation = mounted.plugin + "." + from.handler;
  route.summary = from.summary;
  route.tag = from.tag;
  route.access = from.open ? Access::open : from.link ? Access::link : Access::user;
  if (from.link) route.link = from.handler;
  if (from.signature)
    route.signature = {
        [&registry, plugin = mounted.plugin, name = from.signature->key](const CallToken* token) {
          return registry.text_setting(*token, plugin, name);
        },
        from.signature->required};
  route.permission = from.permission;
  for (const auto& field : from.query) {
    route.query.push_back({field.name, field.type, field.summary, field.required,
                           field.default_value, field.minimum, field.maximum, field.one_of});
  }
  route.body_schema = from.body_schema;
  route.response_schema = from.response_schema;
  route.success_status = from.status;
  route.body_limit = from.body_limit;
  route.timeout = from.timeout;
  route.blocking = mounted.blocking;
  route.multipart = from.multipart;
  route.event_stream = from.event_stream;
  route.plugin = mounted.plugin;
  route.handler = [&registry, &blobs, mounted = std::move(mounted)](Call& call) {
    return invoke(registry, blobs, mounted, call);
  };
  return route;
}

// Two routes of a plugin may share a handler; their operation ids may not be the same.
void make_operations_unique(std::vector<Route>& routes) {
  std::vector<std::string> seen;
  for (auto& route : routes) {
    std::string name = route.operation;
    for (int n = 2; std::find(seen.begin(), seen.end(), name) != seen.end(); ++n) {
      name = route.operation + "_" + std::to_string(n);
    }
    seen.push_back(name);
    route.operation = std::move(name);
  }
}

}  // namespace

std::vector<Route> plugin_routes(plugins::Registry& registry, storage::Blobs& blobs) {
  std::vector<Route> routes;
  for (auto& mounted : registry.routes())
    routes.push_back(to_route(registry, blobs, std::move(mounted)));
  make_operations_unique(routes);
  return routes;
}

}  // namespace host::api
