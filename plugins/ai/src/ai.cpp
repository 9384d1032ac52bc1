// The AI gateway's routes and services: other plugins ask it for chat and embeddings; it keeps the
// key, the budget and the books.
#include <algorithm>
#include <tuple>

#include <serai/plugin.hpp>

#include "budget.hpp"
#include "provider.hpp"

namespace {

using serai::Json;

constexpr std::size_t kMostTexts = 256;

// English text has about four characters a token; three leaves room for other languages.
std::int64_t estimated_tokens(const Json& texts) {
  return static_cast<std::int64_t>(serai::dump_json(texts).size() / 3 + 1);
}

Json usage_json(const ai::Spent& spent) {
  return {{"prompt_tokens", spent.prompt_tokens}, {"completion_tokens", spent.completion_tokens}};
}

bool is_role(const Json& role) { return role == "system" || role == "user" || role == "assistant"; }

// What ai.chat/1 takes; whatever else stands in a message does not leave the house.
ai::ChatRequest chat_request(const Json& ask) {
  ai::ChatRequest request{Json::array()};
  const Json messages = ask.is_object() ? ask.value("messages", Json()) : Json();
  if (!messages.is_array() || messages.empty())
    throw serai::invalid_field("/messages", "At least one message is needed.");
  for (const Json& message : messages) {
    const Json role = message.is_object() ? message.value("role", Json()) : Json();
    const Json content = message.is_object() ? message.value("content", Json()) : Json();
    if (!is_role(role) || !content.is_string())
      throw serai::invalid_field(
          "/messages", "A message has a role (system, user or assistant) and a content (text).");
    request.messages.push_back({{"role", role}, {"content", content}});
  }
  const Json max_tokens = ask.value("max_tokens", Json(request.max_tokens));
  if (!max_tokens.is_number_integer() || max_tokens < 1 || max_tokens > 100'000)
    throw serai::invalid_field("/max_tokens", "One to 100,000 tokens can be asked for.");
  const Json temperature = ask.value("temperature", Json(request.temperature));
  if (!temperature.is_number() || temperature < 0 || temperature > 2)
    throw serai::invalid_field("/temperature", "The temperature lies between 0 and 2.");
  request.max_tokens = max_tokens.get<std::int64_t>();
  request.temperature = temperature.get<double>();
  return request;
}

// What ai.embed/1 takes. Providers refuse a whole batch for one empty text.
Json embed_texts(const Json& ask) {
  Json texts = ask.is_object() ? ask.value("texts", Json()) : Json();
  if (!texts.is_array() || texts.empty() || texts.size() > kMostTexts)
    throw serai::invalid_field("/texts", "One to 256 texts are needed.");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].is_string() || texts[i].get_ref<const std::string&>().empty())
      throw serai::invalid_field("/texts/" + std::to_string(i), "A text that is not empty.");
  }
  return texts;
}

class Ai : public serai::Plugin {
 public:
  Ai() {
    route("status", &Ai::status);
    route("usage", &Ai::usage);
    service("chat", &Ai::chat);
    service("embed", &Ai::embed);
    service("status_service", &Ai::status_service);
  }

 private:
  Json status(serai::Request& request) { return serai::data(describe(request)); }
  Json status_service(serai::ServiceCall& call) { return describe(call); }

  // Newest month first; `next` leads to the months before.
  Json usage(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT month, kind, model, requests, prompt_tokens, completion_tokens FROM ai_usage"
        " WHERE month IN (SELECT DISTINCT month FROM ai_usage WHERE month < $1"
        " ORDER BY month DESC LIMIT $2) ORDER BY month DESC, kind, model",
        request.query("before", "9999"), request.query_integer("months", 3));
    Json answer = serai::list(rows.json());
    if (rows.empty()) return answer;
    const auto last = rows[rows.size() - 1].text("month");
    if (!request.sql().query("SELECT 1 FROM ai_usage WHERE month < $1 LIMIT 1", last).empty())
      answer["next"] = last;
    return answer;
  }

  Json chat(serai::ServiceCall& call) {
    const ai::ChatRequest request = chat_request(call.json());
    return within_budget(
        call, "chat", estimated_tokens(request.messages) + request.max_tokens,
        [&](const ai::Provider& provider) {
          auto answer = provider.chat(request);
          return std::tuple{Json{{"content", answer.content}}, answer.model, answer.spent};
        });
  }

  Json embed(serai::ServiceCall& call) {
    const Json texts = embed_texts(call.json());
    return within_budget(call, "embed", estimated_tokens(texts), [&](const ai::Provider& provider) {
      auto answer = provider.embed(texts);
      return std::tuple{Json{{"vectors", std::move(answer.vectors)}}, answer.model, answer.spent};
    });
  }

  // Reserves the estimate, asks, and settles what it cost: the estimate where the provider does not
  // say. What fails costs nothing.
  template <class Ask>
  static Json within_budget(const serai::Call& call, std::string_view kind, std::int64_t estimate,
                            Ask ask) {
    const ai::Provider provider(call);
    if (!provider.configured())
      throw serai::Problem(503, "ai_not_configured", "No AI provider is configured.");
    ai::Reservation reservation = ai::Budget(call).reserve(estimate);
    try {
      auto [answer, model, told] = ask(provider);
      const ai::Spent spent = told.value_or(ai::Spent{estimate, 0});
      reservation.settle(kind, model, spent);
      const std::int64_t tokens = spent.prompt_tokens + spent.completion_tokens;
      call.metrics().add("tokens_total", static_cast<double>(tokens));
      call.metrics().meter("ai.tokens", tokens);
      answer["model"] = model;
      answer["usage"] = usage_json(spent);
      return std::move(answer);
    } catch (const serai::Problem& problem) {
      call.metrics().add("failures_total");
      call.log().warning("the AI provider failed",
                         {{"code", problem.code}, {"detail", problem.detail}});
      throw;
    }
  }

  static Json describe(const serai::Call& call) {
    const auto left = ai::Budget(call).left();
    return {{"configured", ai::Provider(call).configured()},
            {"model", call.config().text("model")},
            {"embedding_model", call.config().text("embedding_model")},
            {"budget_left", left ? Json(std::max<std::int64_t>(*left, 0)) : Json(nullptr)}};
  }
};

}  // namespace

SERAI_PLUGIN(Ai)
