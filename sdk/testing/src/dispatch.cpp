#include "dispatch.hpp"

#include <stdexcept>

#include "schema.hpp"

namespace serai::testing {
namespace {

Reply problem_reply(const Problem& problem) {
  Json body = {{"type", "about:blank"},    {"title", problem.code}, {"status", problem.status},
               {"detail", problem.detail}, {"code", problem.code},  {"success", false}};
  for (const FieldError& error : problem.errors) {
    body["errors"].push_back({{"pointer", error.pointer}, {"detail", error.detail}});
  }
  return {problem.status, {{"content-type", "application/problem+json"}}, dump_json(body)};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Pairs parse_query(std::string_view query) {
  Pairs pairs;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    pairs.emplace_back(
        decode(item.substr(0, equals), true),
        equals == std::string_view::npos ? "" : decode(item.substr(equals + 1), true));
  }
  return pairs;
}

// A query value as JSON of its declared type, to check it like a body.
Json typed_value(const std::string& type, const std::string& text) {
  if (type == "string" || type.empty()) return text;
  if (type == "boolean" && (text == "true" || text == "1")) return true;
  if (type == "boolean" && (text == "false" || text == "0")) return false;
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(text) : parsed;
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Checks the parameters and fills in defaults, as the host does before the plugin sees them.
void check_query(const Json& route, Pairs* query, std::vector<FieldError>* faults) {
  for (const Json& declared : route.value("query", Json::array())) {
    const std::string name = declared.at("name").get<std::string>();
    bool present = false;
    for (const auto& [given, text] : *query) {
      if (given != name) continue;
      present = true;
      const Json value = typed_value(declared.value("type", ""), text);
      for (FieldError& fault : check_value(declared, value, "query/" + name)) {
        faults->push_back(std::move(fault));
      }
    }
    if (present) continue;
    if (declared.contains("default")) {
      query->emplace_back(name, plain_text(declared["default"]));
    } else if (declared.value("required", false)) {
      faults->push_back({"query/" + name, "This parameter is required."});
    }
  }
}

void check_body(const Json& route, const Incoming& incoming, std::vector<FieldError>* faults) {
  if (incoming.is_form != route.value("multipart", false)) {
    throw Problem(415, "unsupported_media_type",
                  incoming.is_form ? "The route takes no form." : "The route takes a form only.");
  }
  if (incoming.is_form || !route.contains("body")) return;
  const Json body = parse_json(incoming.body);
  for (FieldError& fault : check_schema(route["body"], body)) faults->push_back(std::move(fault));
}

// Puts the subject in the link's place; whose it is.
const std::string& follow_link(const FakeHost::Impl& host, const Json& route, Pairs& parameters) {
  for (auto& [name, value] : parameters) {
    if (name != "link") continue;
    const auto found = host.links.find(value);
    if (found == host.links.end() || found->second.handler != route.at("handler"))
      throw Problem(404, "link_invalid", "This link is not valid.");
    const Link& link = found->second;
    if (link.expires_us != 0 && host.now_us() > link.expires_us)
      throw Problem(410, "link_expired", "This link has expired.");
    value = link.subject;
    return link.tenant;
  }
  throw std::invalid_argument("A route with `access: link` has no {link} in its path.");
}

void check_access(const FakeHost::Impl& host, const Json& route) {
  if (route.contains("access")) return;
  const std::string permission = route.value("permission", "");
  if (permission.empty()) {
    throw std::invalid_argument("A route has neither a permission nor `access: open`.");
  }
  if (host.who.user.empty()) {
    throw Problem(401, "unauthenticated", "Nobody is signed in.");
  }
  for (const std::string& held : host.who.permissions) {
    if (held == permission) return;
  }
  throw Problem(403, "permission_denied", "This needs the permission " + permission + ".");
}

serai_caller caller_of(FakeHost::Impl& host, CallState& state, bool with_user) {
  serai_caller caller{};
  caller.tenant = detail::to_str(state.tenant->id);
  caller.request_id = state.keep("request-" + std::to_string(++host.counter));
  caller.deadline_us = host.now_us() - 1'767'225'600'000'000 + host.time_limit_us;
  if (!with_user || host.who.user.empty()) return caller;
  caller.user = state.keep(host.who.user);
  caller.email = state.keep(host.who.user + "@example.com");
  caller.name = state.keep(host.who.user);
  caller.role = state.keep(host.who.role);
  return caller;
}

std::vector<serai_pair> views_of(const Pairs& pairs) {
  std::vector<serai_pair> views;
  for (const auto& [name, value] : pairs) {
    views.push_back({detail::to_str(name), detail::to_str(value)});
  }
  return views;
}

std::vector<serai_part> store_parts(CallState& state, const std::vector<Upload>& uploads) {
  std::vector<serai_part> parts;
  for (const Upload& upload : uploads) {
    serai_part part{};
    part.name = detail::to_str(upload.name);
    part.file_name = detail::to_str(upload.file_name);
    part.content_type = detail::to_str(upload.content_type);
    part.size = upload.data.size();
    if (upload.file_name.empty()) {
      part.data = detail::to_str(upload.data);
    } else {
      const std::string reference = "upload-" + std::to_string(++state.host->counter);
      state.tenant->blobs[reference] = {upload.data, false};
      part.blob = state.keep(reference);
    }
    parts.push_back(part);
  }
  return parts;
}

// What the host does when a handler has returned, however it did.
void end_call(CallState& state) {
  state.tenant->database->only_read(false);
  while (state.tenant->database->depth() > 0) {
    state.tenant->database->rollback();
    if (state.snapshots.empty()) continue;
    Snapshot& before = state.snapshots.back();
    state.tenant->collections = std::move(before.collections);
    state.tenant->jobs = std::move(before.jobs);
    state.tenant->events = std::move(before.events);
    state.snapshots.pop_back();
  }
  std::erase_if(state.tenant->blobs, [](const auto& entry) { return !entry.second.kept; });
}

Problem problem_of(const CallState& state, serai_status status) {
  const auto& row = detail::row_of_status(status);
  return {row.http, state.error_code.empty() ? row.code : state.error_code,
          state.error_detail.empty() ? "The plugin failed." : state.error_detail,
          state.error_fields};
}

}  // namespace

Reply dispatch_request(FakeHost::Impl& host, const Incoming& incoming) {
  const std::lock_guard lock(host.one_at_a_time);
  const ActiveHost active(&host);
  CallState state;
  state.host = &host;
  state.tenant = &host.present();
  try {
    std::string target = incoming.target;
    const std::string here = "https://" + std::string(kLinkHost);
    if (target.starts_with(here)) target.erase(0, here.size());
    const std::size_t mark = target.find('?');
    const std::string raw_query = mark == std::string::npos ? "" : target.substr(mark + 1);
    const std::string path = decode(target.substr(0, mark), false);
    Pairs parameters;
    bool path_known = false;
    const Json* route = host.manifest.route(incoming.method, path, &parameters, &path_known);
    if (route == nullptr) {
      if (path_known) throw Problem(405, "method_not_allowed", "The path has no such method.");
      throw Problem(404, "not_found", "There is nothing at " + path + ".");
    }
    check_access(host, *route);
    const bool by_link = route->value("access", "") == "link";
    if (by_link) state.tenant = &host.tenant_state(follow_link(host, *route, parameters));
    std::vector<FieldError> faults;
    Pairs query = parse_query(raw_query);
    check_query(*route, &query, &faults);
    check_body(*route, incoming, &faults);
    if (!faults.empty()) {
      throw Problem(422, "validation_failed", "The request has faulty fields.", faults);
    }
    if (!by_link)
      state.permissions.insert(host.who.permissions.begin(), host.who.permissions.end());
    const std::int32_t handler =
        host.handler(SERAI_HANDLER_ROUTE, route->at("handler").get<std::string>());
    const std::vector<serai_pair> path_views = views_of(parameters);
    const std::vector<serai_pair> query_views = views_of(query);
    const std::vector<serai_pair> header_views = views_of(incoming.headers);
    const std::vector<serai_part> parts = store_parts(state, incoming.parts);
    serai_request request{};
    request.struct_size = sizeof(request);
    request.handler = static_cast<std::uint32_t>(handler);
    request.method = detail::to_str(incoming.method);
    request.path = detail::to_str(path);
    request.query = detail::to_str(raw_query);
    request.path_parameters = path_views.data();
    request.query_parameters = query_views.data();
    request.headers = header_views.data();
    request.parts = parts.data();
    request.path_parameter_count = static_cast<std::uint32_t>(path_views.size());
    request.query_parameter_count = static_cast<std::uint32_t>(query_views.size());
    request.header_count = static_cast<std::uint32_t>(header_views.size());
    request.part_count = static_cast<std::uint32_t>(parts.size());
    request.body = detail::to_str(incoming.body);
    request.caller = caller_of(host, state, !by_link);
    state.tenant->database->only_read(route->value("read_only", false));
    const ActiveCall call(&state);
    const serai_status status =
        host.plugin->handle_request(host.plugin->self, call.number(), &request);
    end_call(state);
    if (status < 0) return problem_reply(problem_of(state, status));
  } catch (const Problem& problem) {
    return problem_reply(problem);
  }
  if (!state.answered) {
    return problem_reply({500, "no_answer", "The handler returned without an answer."});
  }
  return std::move(state.reply);
}

std::string dispatch_message(FakeHost::Impl& host, const std::string& tenant,
                             const Delivery& delivery) {
  const std::lock_guard lock(host.one_at_a_time);
  const ActiveHost active(&host);
  CallState state;
  state.host = &host;
  state.tenant = &host.tenant_state(tenant);
  const bool is_service = delivery.kind == SERAI_HANDLER_SERVICE;
  if (is_service) {
    state.permissions.insert(host.who.permissions.begin(), host.who.permissions.end());
  }
  serai_message message{};
  message.struct_size = sizeof(message);
  message.handler = static_cast<std::uint32_t>(host.handler(delivery.kind, delivery.handler));
  message.id = detail::to_str(delivery.id);
  message.kind = detail::to_str(delivery.name);
  message.payload = detail::to_str(delivery.payload);
  message.attempt = delivery.attempt;
  message.caller = caller_of(host, state, is_service);
  const ActiveCall call(&state);
  const serai_plugin& plugin = *host.plugin;
  const serai_status status = is_service
                                  ? plugin.handle_service(plugin.self, call.number(), &message)
                                  : plugin.handle_message(plugin.self, call.number(), &message);
  end_call(state);
  if (status < 0) throw problem_of(state, status);
  return std::move(state.service_reply);
}

}  // namespace serai::testing
