#include "api/problem_response.hpp"

#include <nlohmann/json.hpp>

namespace host::api {

http::Response problem_response(const Problem& problem, std::string_view request_id) {
  nlohmann::ordered_json document{{"type", "urn:serai:problem:" + problem.code()},
                                  {"title", reason_phrase(problem.status())},
                                  {"status", problem.status()},
                                  {"detail", problem.detail()},
                                  {"instance", "urn:serai:request:" + std::string(request_id)},
                                  {"code", problem.code()},
                                  {"success", false},
                                  {"error", problem.detail()}};
  if (!problem.errors().empty()) {
    auto& errors = document["errors"] = nlohmann::ordered_json::array();
    for (const auto& error : problem.errors()) {
      errors.push_back({{"pointer", error.pointer}, {"detail", error.detail}});
    }
  }
  http::Response response;
  response.status = problem.status();
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (problem.retry_after() > 0)
    response.headers.add("Retry-After", std::to_string(problem.retry_after()));
  response.body = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

}  // namespace host::api
