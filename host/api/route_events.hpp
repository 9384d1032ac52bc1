// A route's answer as a source of events (event_streams.hpp): asks for each event as if the request
// had come anew, with the credential it came with, against the routes and permissions of that
// moment. Private to the pipeline.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/call_body.hpp"
#include "api/event_streams.hpp"
#include "api/route_table.hpp"
#include "auth/authenticator.hpp"

namespace host::api {

class RouteEvents final : public EventSource {
 public:
  struct House {  // outlives the source
    auth::Authenticator& authenticator;
    std::function<std::shared_ptr<const RouteTable>()> routes;
    // Is the plugin on for the token's tenant?
    std::function<bool(const CallToken&, const std::string& plugin)> plugin_on;
    std::chrono::milliseconds time;  // for one event
  };
  struct Opening {  // the request that opened the stream
    http::Request request;
    Call::Body input;
    std::string request_id, traceparent, address, tenant, user, plugin, operation, event;
    std::chrono::steady_clock::time_point started;
  };

  RouteEvents(const House& house, Opening opening) : house_(house), opening_(std::move(opening)) {}

  void check() override;
  std::string read() override;
  void ended(std::uint64_t sent) noexcept override;

 private:
  const House& house_;
  const Opening opening_;
  // As check() has found them.
  std::optional<CallToken> token_;
  std::shared_ptr<const RouteTable> table_;
  RouteTable::Match match_;
};

}  // namespace host::api
