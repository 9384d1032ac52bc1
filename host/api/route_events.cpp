#include "api/route_events.hpp"

#include "base/problem.hpp"
#include "observe/access_log.hpp"

namespace host::api {

using std::chrono::steady_clock;

void RouteEvents::check() {
  table_.reset();
  const auto& headers = opening_.request.headers;
  token_ = house_.authenticator.user(
      headers.get("Authorization"), headers.get("X-Client-ID"), opening_.address,
      {opening_.request_id, opening_.traceparent, steady_clock::now() + house_.time, true});
  auto table = house_.routes();
  auto match = table->match("GET", opening_.request.path);
  if (!match.route || match.route->route.plugin != opening_.plugin ||
      match.route->route.event_stream != opening_.event)
    throw not_found("There is no such event stream any more.");
  const auto& permission = match.route->route.permission;
  if (!token_->allows(permission))
    throw forbidden("permission_denied", "This needs the permission " + permission + ".");
  if (house_.plugin_on && !house_.plugin_on(*token_, opening_.plugin))
    throw forbidden("plugin_disabled", "The plugin " + opening_.plugin + " is not enabled here.");
  match_ = std::move(match);
  table_ = std::move(table);
}

std::string RouteEvents::read() {
  Call call{opening_.request,
            &*token_,
            opening_.request_id,
            opening_.address,
            match_.parameters,
            token_->deadline(),
            std::make_shared<Call::Body>(opening_.input)};
  const auto response = match_.route->route.handler(call);
  table_.reset();  // not for as long as the stream is open
  if (response.status != 200)
    throw Problem(500, "invalid_answer", "The route's answer cannot be an event.");
  return stream_state(response.body);
}

void RouteEvents::ended(std::uint64_t sent) noexcept {
  try {
    observe::AccessLine line;
    line.request_id = opening_.request_id;
    line.method = opening_.request.method;
    line.path = opening_.request.path;
    line.address = opening_.address;
    line.tenant = opening_.tenant;
    line.user = opening_.user;
    line.plugin = opening_.plugin;
    line.operation = opening_.operation;
    line.traceparent = opening_.traceparent;
    line.status = 200;
    line.bytes = sent;
    line.duration = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() -
                                                                          opening_.started);
    observe::log_access(line);
  } catch (const std::exception&) {  // out of memory: a line less
  }
}

}  // namespace host::api
