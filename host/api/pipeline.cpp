#include "api/pipeline.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/call_body.hpp"
#include "api/entity_tag.hpp"
#include "api/json_body.hpp"
#include "api/problem_response.hpp"
#include "api/query_check.hpp"
#include "api/signed_post.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "http/form.hpp"
#include "http/gzip.hpp"
#include "observe/access_log.hpp"
#include "observe/log.hpp"

namespace host::api {
namespace {

using std::chrono::steady_clock;

// For the handler of an event stream: others wait for the same few tasks.
constexpr std::chrono::milliseconds kEventTime{5'000};
constexpr std::uint64_t kCheapBody =
    64 * 1024;  // up to here a body is read before the caller is known

// A client's own id is kept if it is harmless to log and to send back.
bool acceptable_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>.
std::string acceptable_traceparent(std::string_view value) {
  if (value.size() != 55 || value[2] != '-' || value[35] != '-' || value[52] != '-') return "";
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i == 2 || i == 35 || i == 52) continue;
    const char c = value[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return "";
  }
  return std::string(value);
}

bool is_json(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type.starts_with("application/json") || type.ends_with("+json");
}

}  // namespace

struct Pipeline::Exchange {
  http::Request request;
  http::Reply reply;
  std::shared_ptr<const RouteTable> table;
  RouteTable::Match match;
  std::string request_id, traceparent, address;
  steady_clock::time_point started;
  Deadline deadline;
  std::optional<CallToken> token;
  std::optional<RateDecision> rate;
  Call::Body body{};
  // Of a request for a stream of events:
  std::shared_ptr<EventStreams::Place> place;
  Call::Body input{};
  std::string state;
};

Pipeline::Pipeline(PipelineOptions options, auth::Authenticator& authenticator,
                   const tenancy::Links& links, Idempotency& idempotency, http::WorkerPool& workers,
                   http::WorkerPool& blocking)
    : options_(std::move(options)),
      authenticator_(authenticator),
      links_(links),
      idempotency_(idempotency),
      workers_(workers),
      blocking_(blocking),
      headers_(options_.cors_origins, options_.strict_transport),
      per_tenant_(options_.per_tenant.count, options_.per_tenant.per),
      per_user_(options_.per_user.count, options_.per_user.per),
      routes_(std::make_shared<const RouteTable>(std::vector<Route>{})),
      events_{authenticator, [this] { return routes(); }, options_.plugin_on,
              std::min(kEventTime, options_.handler_time)},
      streams_(options_.streams, [this](auto task) { return workers_.submit(std::move(task)); }) {
  for (const auto& [name, rate] : options_.per_address) {
    per_address_.emplace_back(name, std::make_unique<RateLimiter>(rate.count, rate.per));
  }
  if (options_.shared_rates == nullptr) return;
  per_tenant_.share(*options_.shared_rates, "tenant");
  per_user_.share(*options_.shared_rates, "user");
  for (const auto& [name, limiter] : per_address_) limiter->share(*options_.shared_rates, name);
}

Pipeline::~Pipeline() = default;

void Pipeline::set_routes(std::shared_ptr<const RouteTable> routes) {
  routes_.store(std::move(routes));
}
std::shared_ptr<const RouteTable> Pipeline::routes() const { return routes_.load(); }

std::string Pipeline::client_address(const http::Request& request) const {
  const auto& trusted = options_.trusted_proxies;
  if (std::find(trusted.begin(), trusted.end(), request.peer_address) == trusted.end())
    return request.peer_address;
  // The last entry is the one our own proxy wrote; what stands before it anyone could have written.
  const auto forwarded = request.headers.get("X-Forwarded-For");
  auto last = forwarded.substr(
      forwarded.rfind(',') == std::string_view::npos ? 0 : forwarded.rfind(',') + 1);
  while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
  return last.empty() || last.size() > 64 ? request.peer_address : std::string(last);
}

http::Admission Pipeline::admit(const http::Request& head) {
  http::Admission admission{options_.body_limit, options_.handler_time};
  const auto table = routes();
  const auto* compiled = table->find(head.method, head.path);
  if (!compiled) return admission;
  const auto& route = compiled->route;
  if (route.body_limit > 0) admission.body_limit = route.body_limit;
  if (route.timeout.count() > 0) admission.handler_time = route.timeout;
  const bool large = head.headers.find("Transfer-Encoding") != nullptr ||
                     head.headers.get("Content-Length").size() > std::to_string(kCheapBody).size();
  if (large && route.access == Access::admin) {  // refused before the upload, not after it
    authenticator_.admin(head.headers.get("X-Admin-Token"), head.headers.get("Authorization"),
                         {"", "", steady_clock::now() + options_.handler_time});
  }
  if (large && route.access == Access::user) {
    authenticator_.user(head.headers.get("Authorization"), head.headers.get("X-Client-ID"),
                        client_address(head),
                        {"", "", steady_clock::now() + options_.handler_time});
  }
  return admission;
}

void Pipeline::handle(http::Request&& request, http::Reply reply) {
  auto exchange = std::make_shared<Exchange>(Exchange{std::move(request), std::move(reply)});
  exchange->started = steady_clock::now();
  const auto id = exchange->request.headers.get("X-Request-ID");
  exchange->request_id = acceptable_request_id(id) ? std::string(id) : uuid_v7();
  exchange->table = routes();
  exchange->match = exchange->table->match(exchange->request.method, exchange->request.path);
  const auto* compiled = exchange->match.route;
  auto& pool = compiled && compiled->route.blocking ? blocking_ : workers_;
  if (!pool.submit([this, exchange] { run(*exchange); })) {
    static auto& refused = observe::metrics().counter(
        "serai_http_overload_total", "Requests refused because the worker queue was full.");
    refused.add();
    auto response =
        problem_response(unavailable("overloaded", "The service is busy; try again shortly.", 1),
                         exchange->request_id);
    finish(*exchange, response);
    exchange->reply.send(std::move(response));
  }
}

void Pipeline::run(Exchange& exchange) {
  if (exchange.reply.abandoned()) return;
  auto response = respond(exchange);
  if (exchange.place && response.status == 200) return open_stream(exchange);
  finish(exchange, response);
  exchange.reply.send(std::move(response));
}

// The answer has begun and goes on without this thread; its access line comes when it ends.
void Pipeline::open_stream(Exchange& exchange) {
  const auto& route = exchange.match.route->route;
  http::Response head;
  head.headers.add("Content-Type", "text/event-stream");
  head.headers.add("Cache-Control", "no-store");
  head.headers.add("X-Accel-Buffering", "no");  // nginx passes on what comes as it comes
  head.headers.add("Vary", "Accept");
  head.headers.add("Connection", "close");
  dress(exchange, head);
  exchange.match.route->duration->observe(
      std::chrono::duration<double>(steady_clock::now() - exchange.started).count());
  exchange.match.route->by_class[2]->add();
  auto out = exchange.reply.stream(std::move(head));
  if (!out) return;  // nobody to stream to
  auto source = std::make_unique<RouteEvents>(
      events_, RouteEvents::Opening{std::move(exchange.request), std::move(exchange.input),
                                    exchange.request_id, exchange.traceparent, exchange.address,
                                    exchange.token->tenant(), exchange.token->user(), route.plugin,
                                    route.operation, route.event_stream, exchange.started});
  exchange.place->begin(std::move(out), std::move(source), route.event_stream,
                        std::move(exchange.state));
}

http::Response Pipeline::respond(Exchange& exchange) {
  try {
    return guarded(exchange);
  } catch (const Problem& problem) {
    if (problem.status() >= 500) {
      observe::log(observe::Level::warning, "request failed",
                   {{"request_id", exchange.request_id},
                    {"code", problem.code()},
                    {"detail", problem.detail()}});
    }
    return problem_response(problem, exchange.request_id);
  } catch (const storage::SqlError& error) {
    observe::log(observe::Level::error, "request failed in the database",
                 {{"request_id", exchange.request_id},
                  {"path", shown_path(exchange)},
                  {"error", error.what()}});
    // It may be gone for a moment; whether a write came through is then not known.
    const auto fault = error.fault();
    if (fault == storage::SqlFault::full)
      return problem_response(unavailable("database_full", "The database has no room left.", 5),
                              exchange.request_id);
    if (fault == storage::SqlFault::io || fault == storage::SqlFault::busy ||
        fault == storage::SqlFault::timeout)
      return problem_response(
          unavailable("database_unavailable", "The database does not answer.", 1),
          exchange.request_id);
  } catch (const std::exception& error) {
    observe::log(observe::Level::error, "request failed unexpectedly",
                 {{"request_id", exchange.request_id},
                  {"path", shown_path(exchange)},
                  {"error", error.what()}});
  } catch (...) {
    observe::log(observe::Level::error, "request failed unexpectedly",
                 {{"request_id", exchange.request_id}});
  }
  return problem_response(
      Problem(500, "internal_error", "Something went wrong on our side; the request id names it."),
      exchange.request_id);
}

http::Response Pipeline::guarded(Exchange& exchange) {
  const auto& request = exchange.request;
  exchange.traceparent = acceptable_traceparent(request.headers.get("traceparent"));
  exchange.address = client_address(request);
  if (!exchange.match.route) {
    if (exchange.match.allow.empty()) throw not_found("There is nothing at this path.");
    if (request.method == "OPTIONS") return headers_.preflight(request, exchange.match.allow);
    auto response = problem_response(
        Problem(405, "method_not_allowed", "This path does not take " + request.method + "."),
        exchange.request_id);
    response.headers.add("Allow", exchange.match.allow);
    return response;
  }
  const auto& route = exchange.match.route->route;
  exchange.deadline =
      exchange.started + (route.timeout.count() > 0 ? route.timeout : options_.handler_time);
  authenticate(exchange);
  check_rates(exchange);
  if (!route.permission.empty() && !exchange.token->allows(route.permission)) {
    if (options_.on_refused) options_.on_refused({*exchange.token, route, exchange.address});
    throw forbidden("permission_denied", "This needs the permission " + route.permission + ".");
  }
  if (route.signature &&
      !check_signed_post(route, request, exchange.token ? &*exchange.token : nullptr,
                         exchange.request_id))
    return http::Response{.status = 204};
  check_input(exchange);
  check_precondition(exchange);
  if (!route.event_stream.empty()) {
    const bool wanted = request.method == "GET" && exchange.token &&
                        accepts_event_stream(request.headers.get("Accept"));
    if (wanted) {
      exchange.place = streams_.reserve(*exchange.token, route.plugin);
      exchange.input = exchange.body;
    }
    auto response = invoke(exchange);
    response.headers.add("Vary", "Accept");
    if (wanted && response.status == 200) exchange.state = stream_state(response.body);
    return response;
  }
  const auto key = request.headers.get("Idempotency-Key");
  if (key.empty() || request.method != "POST" || !exchange.token ||
      exchange.token->tenant().empty() || request.spooled) {
    return invoke(exchange);
  }
  return idempotency_.once(*exchange.token, key,
                           route.operation + " " + request.target + " " + entity_tag(request.body),
                           [&] { return invoke(exchange); });
}

void Pipeline::authenticate(Exchange& exchange) const {
  const auto& headers = exchange.request.headers;
  const auto& method = exchange.request.method;
  tenancy::CallInfo call{exchange.request_id, exchange.traceparent, exchange.deadline,
                         method == "GET" || method == "HEAD"};
  switch (exchange.match.route->route.access) {
    case Access::open:
      return;
    case Access::user:
      exchange.token = authenticator_.user(headers.get("Authorization"), headers.get("X-Client-ID"),
                                           exchange.address, std::move(call));
      return;
    case Access::link:
      follow_link(exchange, std::move(call));
      return;
    case Access::admin:
      exchange.token = authenticator_.admin(headers.get("X-Admin-Token"),
                                            headers.get("Authorization"), std::move(call));
      return;
  }
}

// For logs, which must not hold what opens a door.
const std::string& Pipeline::shown_path(const Exchange& exchange) {
  const auto* compiled = exchange.match.route;
  return compiled && compiled->route.access == Access::link ? compiled->route.pattern
                                                            : exchange.request.path;
}

// The handler sees the subject where the link stood.
void Pipeline::follow_link(Exchange& exchange, tenancy::CallInfo call) const {
  const auto& route = exchange.match.route->route;
  for (auto& [name, value] : exchange.match.parameters) {
    if (name != "link") continue;
    auto opened = links_.open(route.plugin, route.link, value);
    exchange.token = authenticator_.holder(opened.tenant, std::move(call));
    value = std::move(opened.subject);
    return;
  }
}

void Pipeline::check_rates(Exchange& exchange) {
  const auto take = [&](RateLimiter& limiter, std::string_view key) {
    const auto decision = limiter.take(key);
    if (!exchange.rate || decision.remaining < exchange.rate->remaining) exchange.rate = decision;
    if (!decision.allowed) {
      exchange.rate = decision;
      static auto& limited = observe::metrics().counter("serai_http_rate_limited_total",
                                                        "Requests refused by a rate limit.");
      limited.add();
      throw too_many_requests(
          "Too many requests; try again in " + std::to_string(decision.retry_s) + " s.",
          static_cast<int>(decision.retry_s));
    }
  };
  const auto& route = exchange.match.route->route;
  for (const auto& [name, limiter] : per_address_) {
    if (name == route.rate_limit) take(*limiter, exchange.address);
  }
  if (!exchange.token || exchange.token->platform_admin()) return;
  take(per_tenant_, exchange.token->tenant());
  take(per_user_, exchange.token->user().empty() ? exchange.address : exchange.token->user());
}

void Pipeline::check_input(Exchange& exchange) const {
  const auto& compiled = *exchange.match.route;
  const auto& request = exchange.request;
  std::vector<FieldError> errors;
  if (!request.query.empty()) {
    auto pairs = http::parse_pairs(request.query);
    if (!pairs) throw bad_request("The query string is not well-formed.");
    exchange.body.query = std::move(*pairs);
  }
  errors = check_query(compiled.route.query, exchange.body.query);
  if (!compiled.route.multipart) {
    const bool wanted = compiled.body.has_value();
    if (request.body_size() > 0) {
      if (is_json(request.headers.get("Content-Type"))) {
        exchange.body.json = parse_json(request.body);
      } else if (wanted) {
        throw Problem(415, "unsupported_media_type", "This route takes application/json.");
      }
    } else if (wanted) {
      throw bad_request("This route needs a JSON body.");
    }
    if (wanted) {
      for (auto& error : compiled.body->validate(exchange.body.json))
        errors.push_back(std::move(error));
    }
  }
  if (!errors.empty()) throw unprocessable(std::move(errors));
}

// If-Match on a resource that can be read: carried out only if it still is what the client saw.
void Pipeline::check_precondition(Exchange& exchange) const {
  const auto expected = exchange.request.headers.get("If-Match");
  const auto& method = exchange.request.method;
  if (expected.empty() || expected == "*" ||
      (method != "PUT" && method != "PATCH" && method != "DELETE"))
    return;
  const auto reader = exchange.table->match("GET", exchange.request.path);
  if (!reader.route || reader.route->route.access != exchange.match.route->route.access ||
      (!reader.route->route.permission.empty() &&
       !exchange.token->allows(reader.route->route.permission))) {
    throw Problem(412, "precondition_failed", "If-Match cannot be checked on this resource.");
  }
  Call call{exchange.request,  &*exchange.token,  exchange.request_id,           exchange.address,
            reader.parameters, exchange.deadline, std::make_shared<Call::Body>()};
  const auto current = reader.route->route.handler(call);
  if (!tag_matches(expected, entity_tag(current.body))) {
    throw Problem(412, "precondition_failed", "The resource has changed since it was read.");
  }
}

http::Response Pipeline::invoke(Exchange& exchange) {
  Call call{exchange.request,
            exchange.token ? &*exchange.token : nullptr,
            exchange.request_id,
            exchange.address,
            std::move(exchange.match.parameters),
            exchange.deadline,
            std::make_shared<Call::Body>(std::move(exchange.body))};
  auto response = exchange.match.route->route.handler(call);
  const auto& method = exchange.request.method;
  if (!exchange.place && (method == "GET" || method == "HEAD") && response.status == 200 &&
      !response.file && is_json(response.headers.get("Content-Type")) &&
      !response.headers.find("ETag")) {
    const auto tag = entity_tag(response.body);
    if (tag_matches(exchange.request.headers.get("If-None-Match"), tag)) {
      response.status = 304;
      response.body.clear();
    }
    response.headers.add("ETag", tag);
  }
  return response;
}

void Pipeline::dress(const Exchange& exchange, http::Response& response) const {
  const auto& request = exchange.request;
  response.lines.reserve(1024);
  headers_.add_security(response,
                        request.path.ends_with("/download") || request.path.ends_with("/pdf"));
  headers_.add_cors(request, response);
  response.add_line("X-Request-ID", exchange.request_id);
  if (exchange.rate) {
    const auto limit = std::to_string(exchange.rate->limit),
               remaining = std::to_string(exchange.rate->remaining);
    response.add_line("RateLimit-Limit", limit);
    response.add_line("RateLimit-Remaining", remaining);
    response.add_line("RateLimit-Reset", std::to_string(exchange.rate->reset_s));
    response.add_line("X-RateLimit-Limit", limit);
    response.add_line("X-RateLimit-Remaining", remaining);
  }
  const auto duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - exchange.started);
  response.add_line("X-Response-Time", std::to_string(duration.count()) + "ms");
}

void Pipeline::finish(Exchange& exchange, http::Response& response) const {
  const auto& request = exchange.request;
  http::compress(request.headers.get("Accept-Encoding"), response);
  dress(exchange, response);
  const auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - exchange.started);
  observe::AccessLine line;
  line.request_id = exchange.request_id;
  line.method = request.method;
  line.path = shown_path(exchange);
  line.address = exchange.address;
  line.traceparent = exchange.traceparent;
  line.status = response.status;
  line.bytes = response.body.size();
  line.duration = duration;
  if (exchange.token) {
    line.tenant = exchange.token->tenant();
    line.user = exchange.token->user();
  }
  if (const auto* compiled = exchange.match.route) {
    line.operation = compiled->route.operation;
    line.plugin = compiled->route.plugin;
    compiled->duration->observe(static_cast<double>(duration.count()) / 1e6);
    compiled->by_class[std::clamp(response.status / 100, 0, 5)]->add();
  } else {
    static auto& unmatched =
        observe::metrics().counter("serai_http_unmatched_total", "Requests that no route takes.");
    unmatched.add();
  }
  observe::log_access(line);
}

http::Response Pipeline::error(int status, std::string_view code, std::string_view detail) {
  const auto request_id = uuid_v7();
  auto response =
      problem_response(Problem(status, std::string(code), std::string(detail)), request_id);
  headers_.add_security(response, false);
  response.add_line("X-Request-ID", request_id);
  return response;
}

}  // namespace host::api
