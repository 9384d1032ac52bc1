// Every request's way through the house: request id, limits, who is asking, may they, is the input
// right, the handler, and on the way back headers, metrics and the access log. The one place where
// these rules are enforced, for the host's routes and for plugins' alike.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/event_streams.hpp"
#include "api/idempotency.hpp"
#include "api/rate_limiter.hpp"
#include "api/response_headers.hpp"
#include "api/route_events.hpp"
#include "api/route_table.hpp"
#include "auth/authenticator.hpp"
#include "http/server.hpp"
#include "http/worker_pool.hpp"
#include "tenancy/links.hpp"

namespace host::api {

// A known caller was not allowed what it asked for.
struct Refusal {
  const CallToken& token;
  const Route& route;
  std::string_view address;
};

struct PipelineOptions {
  std::chrono::milliseconds handler_time{30'000};
  std::uint64_t body_limit = 10 << 20;
  std::vector<std::string> cors_origins;
  std::vector<std::string> trusted_proxies;  // numeric addresses; "unix" for a Unix socket
  bool strict_transport = false;
  std::function<void(const Refusal&)> on_refused;  // for the audit record; may be empty
  struct Rate {
    std::uint32_t count;
    std::chrono::seconds per;
  };
  Rate per_tenant{6000, std::chrono::seconds(60)}, per_user{1200, std::chrono::seconds(60)};
  std::vector<std::pair<std::string, Rate>>
      per_address;  // by the name routes use: login, reset, refresh
  EventStreamOptions streams;
  // Is the plugin on for the token's tenant? Asked for open streams. Empty: it is.
  std::function<bool(const CallToken&, const std::string& plugin)> plugin_on;
  redis::Client* shared_rates = nullptr;  // where nodes count together; must outlive the pipeline
};

class Pipeline : public http::Service {
 public:
  // All references must outlive the pipeline.
  Pipeline(PipelineOptions options, auth::Authenticator& authenticator, const tenancy::Links& links,
           Idempotency& idempotency, http::WorkerPool& workers, http::WorkerPool& blocking);
  ~Pipeline() override;

  // Takes effect for the next request; requests in flight keep the table they started with.
  void set_routes(std::shared_ptr<const RouteTable> routes);
  std::shared_ptr<const RouteTable> routes() const;

  // Streams of events: told of changes, and ended by the host before it stops serving.
  EventStreams& streams() { return streams_; }

  http::Admission admit(const http::Request& head) override;
  void handle(http::Request&& request, http::Reply reply) override;
  http::Response error(int status, std::string_view code, std::string_view detail) override;

 private:
  struct Exchange;  // one request on its way
  void run(Exchange& exchange);
  http::Response respond(Exchange& exchange);
  http::Response guarded(Exchange& exchange);
  http::Response invoke(Exchange& exchange);
  void authenticate(Exchange& exchange) const;
  void follow_link(Exchange& exchange, tenancy::CallInfo call) const;
  static const std::string& shown_path(const Exchange& exchange);
  void check_rates(Exchange& exchange);
  void check_input(Exchange& exchange) const;
  void check_precondition(Exchange& exchange) const;
  void open_stream(Exchange& exchange);
  void dress(const Exchange& exchange, http::Response& response) const;
  void finish(Exchange& exchange, http::Response& response) const;
  std::string client_address(const http::Request& request) const;

  PipelineOptions options_;
  auth::Authenticator& authenticator_;
  const tenancy::Links& links_;
  Idempotency& idempotency_;
  http::WorkerPool& workers_;
  http::WorkerPool& blocking_;
  ResponseHeaders headers_;
  RateLimiter per_tenant_, per_user_;
  std::vector<std::pair<std::string, std::unique_ptr<RateLimiter>>> per_address_;
  std::atomic<std::shared_ptr<const RouteTable>> routes_;
  const RouteEvents::House events_;
  EventStreams streams_;
};

}  // namespace host::api
