// All for the platform administrator, below /api/v1/admin. Streams are those of
// moves/sealed_stream.hpp, under the key in the header X-Archive-Key (64 hexadecimal digits).
//
//   POST   /tenants/{id}/export                      the tenant, as a stream
//   GET    /tenants/{id}/fingerprint                 rows and hash of each of its tables
//
//   POST   /imports?as=ID                            {"import"}
//   PUT    /imports/{import}?offset=N                a piece of the stream
//   POST   /imports/{import}/compare                 the stream is whole
//   POST   /imports/{import}/changes                 a stream of changes
//   POST   /imports/{import}/finish                  lets the tenant in
//   DELETE /imports/{import}
//
//   POST   /tenants/{id}/move                        {"move"}
//   POST   /tenants/{id}/move/{move}/copy            the tenant, as a stream
//   POST   /tenants/{id}/move/{move}/changes?final=true    what has changed, as a stream
//   POST   /tenants/{id}/move/{move}/pause
//   POST   /tenants/{id}/move/{move}/leave           {"to"}
//   DELETE /tenants/{id}/move/{move}
#include "api/routes/move_routes.hpp"

#include <nlohmann/json.hpp>

#include "http/spooled_file.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestPiece = 64UL << 20;
// Changes come in one piece; what is more than this is copied anew.
constexpr std::uint64_t kLargestChanges = 1024UL << 20;
constexpr std::chrono::hours kPatience{6};
constexpr std::size_t kReadBytes = 1UL << 20;
constexpr const char* kChangedRows = "X-Changed-Rows";

constexpr auto kFrom = R"({"type":"object","properties":{
  "from":{"type":"string","maxLength":200}}})";
constexpr auto kTo = R"({"type":"object","required":["to"],"properties":{
  "to":{"type":"string","minLength":1,"maxLength":200}}})";

moves::StreamKey key_of(const Call& call) {
  return moves::StreamKey::from_hex(call.request.headers.get("X-Archive-Key"));
}

class MoveRoutes {
 public:
  MoveRoutes(moves::Moves& moves, audit::Audit& audit) : moves_(moves), audit_(audit) {}

  http::Response fingerprint(Call& call) {
    return data_response(moves::to_item(moves_.fingerprint_of(*call.token, call.path("id"))));
  }

  http::Response export_tenant(Call& call) {
    auto response = streamed([&](const auto& out) {
      moves_.export_tenant(*call.token, call.path("id"), key_of(call), out);
    });
    record(call, "tenant.export", call.path("id"), Json::object());
    return response;
  }

  http::Response begin_import(Call& call) {
    return data_response(
        {{"import", moves_.begin_import(*call.token, call.query("as").value_or(""), key_of(call))}},
        201);
  }

  http::Response feed(Call& call) {
    const auto offset = static_cast<std::uint64_t>(call.query_integer("offset", 0));
    moves_.feed_import(*call.token, call.path("import"), offset, body_of(call));
    return json_response(Json::object());
  }

  http::Response compare(Call& call) {
    return data_response({{"tenant_id", moves_.end_copy(*call.token, call.path("import"))}});
  }

  http::Response take_changes(Call& call) {
    moves_.take_changes(*call.token, call.path("import"), key_of(call), body_of(call));
    return json_response(Json::object());
  }

  http::Response finish(Call& call) {
    const std::string from =
        call.json().is_object() ? call.json().value("from", "an archive") : "an archive";
    const auto tenant = moves_.finish_import(*call.token, call.path("import"), from);
    record(call, "tenant.import", tenant.id, {{"from", from}});
    return data_response({{"tenant_id", tenant.id}, {"suspended_reason", tenant.suspended_reason}});
  }

  http::Response abort_import(Call& call) {
    moves_.abort_import(*call.token, call.path("import"));
    return json_response(Json::object());
  }

  http::Response begin(Call& call) {
    const auto move = moves_.begin_move(*call.token, call.path("id"));
    record(call, "tenant.move.begin", call.path("id"), {{"move", move}});
    return data_response({{"move", move}}, 201);
  }

  http::Response copy(Call& call) {
    return streamed([&](const auto& out) {
      moves_.copy(*call.token, call.path("id"), call.path("move"), key_of(call), out);
    });
  }

  http::Response changes(Call& call) {
    moves::Departure::Changed changed;
    auto response = streamed([&](const auto& out) {
      changed = moves_.changes(*call.token, call.path("id"), call.path("move"), key_of(call), out,
                               call.query_flag("final", false));
    });
    response.headers.add(kChangedRows, std::to_string(changed.rows));
    return response;
  }

  http::Response pause(Call& call) {
    moves_.pause(*call.token, call.path("id"), call.path("move"));
    return json_response(Json::object());
  }

  http::Response leave(Call& call) {
    const std::string to = call.json().at("to");
    moves_.leave(*call.token, call.path("id"), call.path("move"), to);
    record(call, "tenant.move.leave", call.path("id"), {{"to", to}});
    return json_response(Json::object());
  }

  http::Response abort_move(Call& call) {
    moves_.abort_move(*call.token, call.path("id"), call.path("move"));
    record(call, "tenant.move.abort", call.path("id"), {{"move", call.path("move")}});
    return json_response(Json::object());
  }

 private:
  template <class Write>
  static http::Response streamed(Write write) {
    http::Response response;
    response.file = std::make_shared<http::SpooledFile>();
    write([&](std::string_view bytes) { response.file->append(bytes); });
    response.headers.add("Content-Type", "application/octet-stream");
    response.headers.add("Cache-Control", "no-store");
    return response;
  }

  static std::string body_of(const Call& call) {
    return call.request.spooled ? call.request.spooled->read_all() : call.request.body;
  }

  void record(const Call& call, const char* action, const std::string& tenant,
              const Json& details) {
    audit_.record_platform(
        {action, "success", call.token->user(), tenant, call.client_address, call.request_id},
        details);
  }

  moves::Moves& moves_;
  audit::Audit& audit_;
};

using Method = http::Response (MoveRoutes::*)(Call&);

}  // namespace

std::vector<Route> move_routes(moves::Moves& moves, audit::Audit& audit) {
  const auto all = std::make_shared<MoveRoutes>(moves, audit);
  std::vector<Route> routes;
  routes.reserve(20);  // references to them are held below
  const auto add = [&](const char* method, const char* path, const char* operation,
                       const char* summary, Method handler) -> Route& {
    Route route;
    route.method = method;
    route.pattern = std::string("/api/v1/admin") + path;
    route.operation = operation;
    route.summary = summary;
    route.tag = "Moves";
    route.access = Access::admin;
    route.timeout = kPatience;
    route.blocking = true;
    route.handler = [all, handler](Call& call) { return ((*all).*handler)(call); };
    return routes.emplace_back(std::move(route));
  };
  add("POST", "/tenants/{id}/export", "admin.tenants.export", "Everything of a tenant, sealed",
      &MoveRoutes::export_tenant);
  add("GET", "/tenants/{id}/fingerprint", "admin.tenants.fingerprint",
      "Rows and hash of each of its tables", &MoveRoutes::fingerprint);
  auto& begin = add("POST", "/imports", "admin.imports.begin", "Begin to take a tenant in",
                    &MoveRoutes::begin_import);
  begin.success_status = 201;
  begin.query = {{.name = "as", .description = "Its id here; default: as in the archive"}};
  auto& feed = add("PUT", "/imports/{import}", "admin.imports.feed", "A piece of the archive",
                   &MoveRoutes::feed);
  feed.body_limit = kLargestPiece;
  feed.query = {{.name = "offset",
                 .type = "integer",
                 .description = "Where in the archive the piece begins",
                 .required = true,
                 .minimum = 0}};
  add("POST", "/imports/{import}/compare", "admin.imports.compare",
      "The archive is whole: compare rows and files", &MoveRoutes::compare);
  add("POST", "/imports/{import}/changes", "admin.imports.changes",
      "What has changed since, of a tenant that is moved", &MoveRoutes::take_changes)
      .body_limit = kLargestChanges;
  add("POST", "/imports/{import}/finish", "admin.imports.finish",
      "Let the tenant in, or keep it suspended if it was", &MoveRoutes::finish)
      .body_schema = kFrom;
  add("DELETE", "/imports/{import}", "admin.imports.abort", "Remove what was taken in so far",
      &MoveRoutes::abort_import);
  add("POST", "/tenants/{id}/move", "admin.moves.begin", "Note from now on what changes",
      &MoveRoutes::begin)
      .success_status = 201;
  add("POST", "/tenants/{id}/move/{move}/copy", "admin.moves.copy", "Everything of the tenant",
      &MoveRoutes::copy);
  add("POST", "/tenants/{id}/move/{move}/changes", "admin.moves.changes", "What has changed since",
      &MoveRoutes::changes)
      .query = {{.name = "final",
                 .type = "boolean",
                 .description = "After the pause has begun: with accounts, usage and audit"}};
  add("POST", "/tenants/{id}/move/{move}/pause", "admin.moves.pause",
      "The tenant only reads, for ten seconds at most", &MoveRoutes::pause);
  add("POST", "/tenants/{id}/move/{move}/leave", "admin.moves.leave",
      "The tenant is elsewhere: suspended here", &MoveRoutes::leave)
      .body_schema = kTo;
  add("DELETE", "/tenants/{id}/move/{move}", "admin.moves.abort", "The tenant stays",
      &MoveRoutes::abort_move);
  return routes;
}

}  // namespace host::api
