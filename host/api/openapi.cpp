#include "api/openapi.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "api/signed_post.hpp"
#include "base/problem.hpp"

namespace host::api {
namespace {

using Json = nlohmann::ordered_json;

Json problem_schema() {
  return {
      {"type", "object"},
      {"description", "RFC 9457 problem details."},
      {"required", {"type", "title", "status", "detail", "instance", "code", "success"}},
      {"properties",
       {{"type", {{"type", "string"}, {"format", "uri"}}},
        {"title", {{"type", "string"}}},
        {"status", {{"type", "integer"}}},
        {"detail", {{"type", "string"}}},
        {"instance",
         {{"type", "string"}, {"description", "Names the request; the log has more under it."}}},
        {"code", {{"type", "string"}, {"description", "Stable word for programs."}}},
        {"success", {{"type", "boolean"}, {"const", false}}},
        {"error", {{"type", "string"}}},
        {"errors",
         {{"type", "array"},
          {"items",
           {{"type", "object"},
            {"required", {"pointer", "detail"}},
            {"properties",
             {{"pointer", {{"type", "string"}}}, {"detail", {{"type", "string"}}}}}}}}}}}};
}

Json parameter(const QueryParameter& query) {
  Json schema{{"type", query.type}};
  const auto bound = [&](double value) {
    return query.type == "integer" ? Json(static_cast<std::int64_t>(value)) : Json(value);
  };
  if (query.minimum) schema["minimum"] = bound(*query.minimum);
  if (query.maximum) schema["maximum"] = bound(*query.maximum);
  if (!query.one_of.empty()) schema["enum"] = query.one_of;
  if (!query.default_value.empty()) {
    if (query.type == "string")
      schema["default"] = query.default_value;
    else
      schema["default"] = Json::parse(query.default_value, nullptr, false);
  }
  Json out{{"name", query.name}, {"in", "query"}, {"required", query.required}, {"schema", schema}};
  if (!query.description.empty()) out["description"] = query.description;
  return out;
}

// "/files/{path...}" takes the rest of the path; OpenAPI has no word for that but a parameter.
std::string openapi_path(std::string pattern) {
  const auto dots = pattern.find("...}");
  if (dots != std::string::npos) pattern.erase(dots, 3);
  return pattern;
}

Json path_parameters(const std::string& path) {
  Json out = Json::array();
  for (auto at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    out.push_back({{"name", path.substr(at + 1, path.find('}', at) - at - 1)},
                   {"in", "path"},
                   {"required", true},
                   {"schema", {{"type", "string"}}}});
  }
  return out;
}

Json problem_answer(const char* description) {
  return {
      {"description", description},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

void add_signature(bool required, Json& parameters) {
  for (const auto* name : {kSignatureHeader, kTimestampHeader})
    parameters.push_back({{"name", name},
                          {"in", "header"},
                          {"required", required},
                          {"description", "ECDSA (P-256, SHA-256) over timestamp and body"},
                          {"schema", {{"type", "string"}}}});
}

Json operation(const Route& route, const std::string& path) {
  Json out{{"operationId", route.operation}, {"summary", route.summary}, {"tags", {route.tag}}};
  Json parameters = path_parameters(path);
  for (const auto& query : route.query) parameters.push_back(parameter(query));
  if (route.signature) add_signature(route.signature->required, parameters);
  if (!parameters.empty()) out["parameters"] = parameters;
  if (route.multipart) {
    out["requestBody"] = {
        {"required", true},
        {"content",
         {{"multipart/form-data",
           {{"schema", route.body_schema.empty() ? Json{{"type", "object"}}
                                                 : Json::parse(route.body_schema)}}}}}};
  } else if (!route.body_schema.empty()) {
    out["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", Json::parse(route.body_schema)}}}}}};
  }
  Json answers = Json::object();
  Json success{{"description", std::string(reason_phrase(route.success_status))}};
  if (route.success_status != 204) {
    Json schema = route.response_schema.empty() ? Json{{"type", "object"}}
                                                : Json::parse(route.response_schema);
    success["content"] = {{"application/json", {{"schema", schema}}}};
    if (!route.event_stream.empty())
      success["content"]["text/event-stream"] = {
          {"schema",
           {{"type", "string"},
            {"description", "Events `" + route.event_stream +
                                "`: the same JSON without `success`, at once and whenever it has "
                                "changed; comment lines between."}}}};
  }
  answers[std::to_string(route.success_status)] = success;
  const bool takes_input = !route.body_schema.empty() || !route.query.empty() || route.multipart;
  if (takes_input) answers["422"] = problem_answer("Some fields are not valid.");
  const bool needs_nobody = route.access == Access::open || route.access == Access::link;
  if (!needs_nobody) {
    answers["401"] = problem_answer("No valid credential.");
    answers["403"] = problem_answer("Not allowed.");
  }
  if (route.signature) answers["401"] = problem_answer("The signature does not hold.");
  answers["4XX"] = problem_answer("The request cannot be carried out as it is.");
  answers["5XX"] = problem_answer("The service cannot carry it out right now.");
  out["responses"] = answers;
  if (needs_nobody) out["security"] = Json::array();
  if (route.access == Access::user) out["security"] = Json::array({{{"bearer", Json::array()}}});
  if (route.access == Access::admin)
    out["security"] = Json::array({{{"adminToken", Json::array()}}});
  if (!route.permission.empty()) out["x-permission"] = route.permission;
  if (!route.plugin.empty()) out["x-plugin"] = route.plugin;
  if (route.signature) out["x-signature"] = "sendgrid";
  return out;
}

}  // namespace

std::string openapi_document(const ApiInfo& info, std::span<const Route> routes) {
  Json paths = Json::object(), tags = Json::array();
  std::set<std::string> seen;
  for (const auto& route : routes) {
    const std::string path = openapi_path(route.pattern);
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return static_cast<char>(c | 0x20); });
    paths[path][method] = operation(route, path);
    if (seen.insert(route.tag).second) tags.push_back({{"name", route.tag}});
  }
  const Json document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", info.title},
        {"version", info.version},
        {"description", "The routes of this host and of the plugins that are switched on."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", {{{"url", info.server_url}}}},
      {"tags", tags},
      {"paths", paths},
      {"components",
       {{"schemas", {{"Problem", problem_schema()}}},
        {"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
          {"adminToken", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-Admin-Token"}}}}}}}};
  return document.dump();
}

Route openapi_route(const ApiInfo& info, std::vector<Route> routes) {
  Route route{.method = "GET",
              .pattern = "/openapi.json",
              .operation = "openapi",
              .summary = "This document",
              .tag = "Operations"};
  route.access = Access::open;
  routes.push_back(route);
  route.handler = [document = openapi_document(info, routes)](Call&) {
    http::Response response;
    response.headers.add("Content-Type", "application/json");
    response.body = document;
    return response;
  };
  return route;
}

}  // namespace host::api
