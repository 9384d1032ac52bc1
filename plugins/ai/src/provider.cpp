#include "provider.hpp"

#include <algorithm>

namespace ai {
namespace {

using serai::Json;
using serai::Problem;

Problem bad_answer(const char* why) {
  return {502, "ai_bad_answer",
          std::string("The AI provider's answer makes no sense: ") + why + "."};
}

std::int64_t tokens(const Json& answer, const char* name) {
  const auto usage = answer.find("usage");
  if (usage == answer.end() || !usage->is_object()) return 0;
  const auto value = usage->find(name);
  return value != usage->end() && value->is_number_integer()
             ? std::max<std::int64_t>(0, value->get<std::int64_t>())
             : 0;
}

std::string text_or(const Json& answer, const char* name, const std::string& fallback) {
  const auto value = answer.find(name);
  return value != answer.end() && value->is_string() ? value->get<std::string>() : fallback;
}

}  // namespace

Json Provider::post(const std::string& path, const Json& body) const {
  if (!configured()) throw Problem(503, "ai_not_configured", "No AI provider is configured.");
  serai::HttpRequest request;
  request.method = "POST";
  request.url = call_.config().text("base_url") + path;
  request.headers = {{"content-type", "application/json"},
                     // Names the attempt series, so that the host may retry and the provider may
                     // recognise a repetition.
                     {"idempotency-key", call_.clock().uuid()}};
  if (const auto key = call_.secrets().get("api_key")) {
    request.headers.emplace_back("authorization", "Bearer " + std::string(*key));
  }
  request.body = serai::dump_json(body);
  request.timeout = std::chrono::milliseconds(call_.config().integer("timeout"));
  request.retries = 2;
  request.max_body = 32u << 20;
  call_.metrics().add("requests_total");
  try {
    const auto answer = call_.http().fetch(request);
    if (answer.status() == 401 || answer.status() == 403) {
      throw Problem(503, "ai_unavailable", "The AI provider refused our key.");
    }
    if (answer.status() == 429)
      throw Problem(503, "ai_unavailable", "The AI provider limits our requests at the moment.");
    if (answer.status() >= 500)
      throw Problem(503, "ai_unavailable", "The AI provider has a fault at the moment.");
    if (!answer.ok()) throw bad_answer(("status " + std::to_string(answer.status())).c_str());
    Json document = answer.json();
    if (!document.is_object()) throw bad_answer("it is not a JSON object");
    return document;
  } catch (const Problem& problem) {
    call_.metrics().add("failures_total");
    call_.log().warning("AI provider failed", {{"code", problem.code}, {"detail", problem.detail}});
    if (problem.code.starts_with("ai_")) throw;
    if (problem.status == 502) throw bad_answer("it is not JSON");
    if (problem.status == 503 || problem.status == 504) {
      throw Problem(503, "ai_unavailable", "The AI provider cannot be reached at the moment.");
    }
    throw;
  }
}

ChatAnswer Provider::chat(const Json& messages, std::int64_t max_tokens, double temperature) const {
  const std::string model = call_.config().text("model");
  const Json answer = post("/chat/completions", {{"model", model},
                                                 {"messages", messages},
                                                 {"max_tokens", max_tokens},
                                                 {"temperature", temperature}});
  const Json::json_pointer content("/choices/0/message/content");
  if (!answer.contains(content) || !answer[content].is_string())
    throw bad_answer("it has no message");
  return {answer[content].get<std::string>(),
          text_or(answer, "model", model),
          {tokens(answer, "prompt_tokens"), tokens(answer, "completion_tokens")}};
}

Embeddings Provider::embed(const Json& texts) const {
  const std::string model = call_.config().text("embedding_model");
  const Json answer =
      post("/embeddings", {{"model", model}, {"input", texts}, {"encoding_format", "float"}});
  const auto data = answer.find("data");
  if (data == answer.end() || !data->is_array() || data->size() != texts.size())
    throw bad_answer("it has not one vector per text");
  Json vectors(Json::value_t::array);
  vectors.get_ref<Json::array_t&>().resize(texts.size());
  std::size_t dimension = 0;
  for (std::size_t i = 0; i < data->size(); ++i) {
    const Json& item = (*data)[i];
    if (!item.is_object()) throw bad_answer("an embedding is not an object");
    const auto index = item.value("index", i);
    const auto vector = item.find("embedding");
    if (index >= texts.size() || !vectors[index].is_null() || vector == item.end() ||
        !vector->is_array() || vector->empty() ||
        !std::all_of(vector->begin(), vector->end(),
                     [](const Json& number) { return number.is_number(); })) {
      throw bad_answer("an embedding is malformed");
    }
    if (dimension == 0) dimension = vector->size();
    if (vector->size() != dimension) throw bad_answer("its vectors differ in length");
    vectors[index] = *vector;
  }
  return {
      std::move(vectors), text_or(answer, "model", model), {tokens(answer, "prompt_tokens"), 0}};
}

}  // namespace ai
