// Requests to the provider and what is made of its answers; see the header.
#include "provider.hpp"

#include <algorithm>

namespace ai {
namespace {

using serai::Json;
using serai::Problem;

Problem unavailable(const char* why) {
  return {503, "ai_unavailable", std::string("The AI provider ") + why + "."};
}

Problem bad_answer(const std::string& why) {
  return {502, "ai_bad_answer", "The AI provider's answer makes no sense: " + why + "."};
}

// A failure of the host's client in the words of this plugin: its own may name addresses.
Problem translated(const Problem& problem) {
  switch (problem.status) {
    case 400:
    case 403:
      return unavailable("may not be asked under its present address");
    case 413:
      return bad_answer("it is too large");
    case 502:
      return bad_answer("it is not HTTP");
    case 503:
    case 504:
      if (problem.code == "timed_out") return unavailable("did not answer in time");
      if (problem.code == "circuit_open")
        return unavailable("failed too often and is left alone for a while");
      return unavailable("cannot be reached at the moment");
    default:
      return problem;
  }
}

// The document of an answer, or the Problem that its status means.
Json read(const serai::HttpResponse& answer) {
  const int status = answer.status();
  if (status == 401 || status == 403) throw unavailable("refused our key");
  if (status == 429) throw unavailable("limits our requests at the moment");
  if (status >= 500) throw unavailable("has a fault at the moment");
  if (!answer.ok()) {
    throw Problem(
        502, "ai_bad_answer",
        "The AI provider refused the request with status " + std::to_string(status) + ".");
  }
  Json document;
  try {
    document = answer.json();
  } catch (const Problem&) {
    throw bad_answer("it is not JSON");
  }
  if (!document.is_object()) throw bad_answer("it is not a JSON object");
  return document;
}

// nullptr if it is no object or has no such member.
const Json* member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::int64_t> tokens(const Json& usage, const char* name) {
  const Json* value = member(usage, name);
  if (!value || !value->is_number_unsigned()) return std::nullopt;
  // A figure beyond any bill is taken for the largest one can add up without overflow.
  return static_cast<std::int64_t>(std::min<std::uint64_t>(value->get<std::uint64_t>(), 1U << 30));
}

// Not every compatible provider tells what an answer cost.
std::optional<Spent> spent(const Json& answer) {
  const Json* usage = member(answer, "usage");
  const auto prompt = usage ? tokens(*usage, "prompt_tokens") : std::nullopt;
  if (!prompt) return std::nullopt;
  // Embeddings have no completion.
  return Spent{*prompt, tokens(*usage, "completion_tokens").value_or(0)};
}

std::string model_of(const Json& answer, const std::string& asked) {
  const Json* model = member(answer, "model");
  return model && model->is_string() ? model->get<std::string>() : asked;
}

std::string content_of(const Json& answer) {
  const Json* choices = member(answer, "choices");
  const Json* message = choices && choices->is_array() && !choices->empty()
                            ? member(choices->front(), "message")
                            : nullptr;
  const Json* content = message ? member(*message, "content") : nullptr;
  // Null when the model declined, or wants to call a tool that nobody offered.
  if (!content || !content->is_string()) throw bad_answer("it has no message");
  return content->get<std::string>();
}

bool is_vector(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& number) { return number.is_number(); });
}

// The vectors in the order of their `index`, which need not be the order they come in.
Json vectors_of(const Json& answer, std::size_t count) {
  const Json* data = member(answer, "data");
  if (!data || !data->is_array() || data->size() != count)
    throw bad_answer("it has not one vector per text");
  std::vector<Json> vectors(count);
  std::size_t dimension = 0;
  for (const Json& item : *data) {
    const Json* index = member(item, "index");
    const Json* vector = member(item, "embedding");
    if (!index || !index->is_number_unsigned() || !vector || !is_vector(*vector))
      throw bad_answer("an embedding is malformed");
    const auto place = index->get<std::size_t>();
    if (place >= count || !vectors[place].is_null())
      throw bad_answer("its vectors are not numbered as the texts are");
    if (dimension == 0) dimension = vector->size();
    if (vector->size() != dimension) throw bad_answer("its vectors differ in length");
    vectors[place] = *vector;
  }
  return vectors;
}

}  // namespace

serai::HttpResponse Provider::send(const std::string& path, const Json& body) const {
  std::string base = call_.config().text("base_url");
  if (base.empty()) throw Problem(503, "ai_not_configured", "No AI provider is configured.");
  while (base.ends_with('/')) base.pop_back();
  serai::HttpRequest request;
  request.method = "POST";
  request.url = base + path;
  request.headers = {{"content-type", "application/json"},
                     // One key for all attempts, so that the host may retry and the provider may
                     // recognise a repetition.
                     {"idempotency-key", call_.clock().uuid()}};
  if (const auto key = call_.secrets().get("api_key"))
    request.headers.emplace_back("authorization", "Bearer " + std::string(*key));
  request.body = serai::dump_json(body);
  request.timeout = std::chrono::milliseconds(call_.config().integer("timeout"));
  request.retries = 2;
  request.max_body = 32U << 20;
  call_.metrics().add("requests_total");
  try {
    return call_.http().fetch(request);
  } catch (const Problem& problem) {
    throw translated(problem);
  }
}

Json Provider::post(const std::string& path, const Json& body) const {
  return read(send(path, body));
}

ChatAnswer Provider::chat(const ChatRequest& request) const {
  const std::string model = call_.config().text("model");
  // `max_tokens` is deprecated by its inventor but is what all compatible providers know.
  const Json answer = post("/chat/completions", {{"model", model},
                                                 {"messages", request.messages},
                                                 {"max_tokens", request.max_tokens},
                                                 {"temperature", request.temperature}});
  return {content_of(answer), model_of(answer, model), spent(answer)};
}

Embeddings Provider::embed(const Json& texts) const {
  const std::string model = call_.config().text("embedding_model");
  const Json answer =
      post("/embeddings", {{"model", model}, {"input", texts}, {"encoding_format", "float"}});
  return {vectors_of(answer, texts.size()), model_of(answer, model), spent(answer)};
}

}  // namespace ai
