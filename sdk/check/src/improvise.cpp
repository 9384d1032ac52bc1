// What services and the outside answer: the world's words, or made up where it has none.
#include <serai/check/random_json.hpp>

#include "house.hpp"

namespace serai::check {
namespace {

// Every text of the world with the tenant's mark behind it.
Json marked(const Json& value, const std::string& mark) {
  if (mark.empty()) return value;
  if (value.is_string()) return value.get<std::string>() + " " + mark;
  Json copy = value;
  if (value.is_structured())
    for (auto& item : copy) item = marked(item, mark);
  return copy;
}

}  // namespace

Json House::service_reply(const std::string& name, const CheckedCall& call) {
  const auto found = world_.services.find(name);
  // Sometimes rubbish, so that nobody trusts what another plugin says.
  std::mt19937_64 random(improvised_ + ++improvisations_);
  const bool rubbish = improvised_ != 0 && random() % 8 == 0;
  if (found != world_.services.end() && !rubbish) return marked(*found, call.who.mark);
  if (improvised_ == 0) return marked(Json::object(), call.who.mark);
  if (random() % 8 == 0) return Json::value_t::discarded;  // nobody provides it
  return random_json(random, 4);
}

testing::HttpAnswer House::http_answer(const HttpRequest& request) {
  std::mt19937_64 random(improvised_ + ++improvisations_);
  if (improvised_ == 0 || random() % 4 != 0) {
    for (const Json& answer : world_.http) {
      if (!request.url.starts_with(answer.value("url", ""))) continue;
      const Json body = answer.value("body", Json());
      return {.status = answer.value("status", 200),
              .body = body.is_string() ? body.get<std::string>() : dump_json(body),
              .headers = {{"content-type", "application/json"}}};
    }
  }
  if (improvised_ == 0) return {.status = 200, .body = "{}", .headers = {}};
  switch (random() % 6) {
    case 0:
      return {.failure = SERAI_E_UNAVAILABLE};
    case 1:
      return {.status = 500, .body = "no JSON"};
    case 2:
      return {.status = 429, .body = "{}", .headers = {{"retry-after", "1"}}};
    case 3:
      return {.status = 200, .body = std::string("\xff\xfe\x00[", 4)};
    default:
      return {.status = 200, .body = dump_json(random_json(random, 4))};
  }
}

}  // namespace serai::check
