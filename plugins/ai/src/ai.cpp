// The AI gateway: other plugins ask it for chat and embeddings; it keeps the budget and the books.
#include <serai/plugin.hpp>

#include "budget.hpp"
#include "provider.hpp"

namespace {

using serai::Json;

// English text has about four characters a token; three leaves room for other languages.
std::int64_t estimated_tokens(const Json& texts) {
  return static_cast<std::int64_t>(serai::dump_json(texts).size() / 3 + 1);
}

Json usage_json(const ai::Spent& spent) {
  return {{"prompt_tokens", spent.prompt_tokens}, {"completion_tokens", spent.answer_tokens}};
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

  Json usage(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT month, kind, model, requests, prompt_tokens, answer_tokens FROM ai_usage"
        " ORDER BY month DESC, kind, model LIMIT 500");
    const auto months = static_cast<std::size_t>(request.query_integer("months", 3));
    Json list = Json::array();
    std::string month;
    std::size_t seen = 0;
    for (const auto& row : rows) {
      if (row.text("month") != month) {
        if (++seen > months) break;
        month = row.text("month");
      }
      list.push_back(row.json());
    }
    return serai::list(std::move(list));
  }

  Json chat(serai::ServiceCall& call) {
    const Json& ask = call.json();
    const Json messages = ask.value("messages", Json::array());
    if (!messages.is_array() || messages.empty())
      throw serai::invalid_field("/messages", "At least one message is needed.");
    const std::int64_t max_tokens = ask.value("max_tokens", std::int64_t{500});
    const ai::Provider provider(call);
    return within_budget(call, "chat", estimated_tokens(messages) + max_tokens, [&] {
      const auto answer = provider.chat(messages, max_tokens, ask.value("temperature", 0.2));
      return std::tuple{Json{{"content", answer.content},
                             {"model", answer.model},
                             {"usage", usage_json(answer.spent)}},
                        answer.model, answer.spent};
    });
  }

  Json embed(serai::ServiceCall& call) {
    const Json texts = call.json().value("texts", Json::array());
    if (!texts.is_array() || texts.empty() || texts.size() > 256) {
      throw serai::invalid_field("/texts", "One to 256 texts are needed.");
    }
    const ai::Provider provider(call);
    return within_budget(call, "embed", estimated_tokens(texts), [&] {
      auto answer = provider.embed(texts);
      return std::tuple{Json{{"vectors", std::move(answer.vectors)},
                             {"model", answer.model},
                             {"usage", usage_json(answer.spent)}},
                        answer.model, answer.spent};
    });
  }

  // Reserves, runs, and settles what it cost; what fails costs nothing.
  template <class Run>
  static Json within_budget(const serai::Call& call, std::string_view kind, std::int64_t estimate,
                            Run run) {
    if (!ai::Provider(call).configured())
      throw serai::Problem(503, "ai_not_configured", "No AI provider is configured.");
    const ai::Budget budget(call);
    const std::string reservation = budget.reserve(estimate);
    try {
      auto [answer, model, spent] = run();
      budget.settle(reservation, kind, model, spent);
      const std::int64_t tokens = spent.prompt_tokens + spent.answer_tokens;
      call.metrics().add("tokens_total", static_cast<double>(tokens));
      call.metrics().meter("ai.tokens", tokens);
      return std::move(answer);
    } catch (...) {
      budget.release(reservation);
      throw;
    }
  }

  static Json describe(const serai::Call& call) {
    const auto left = ai::Budget(call).left();
    Json status{{"configured", ai::Provider(call).configured()},
                {"model", call.config().text("model")},
                {"embedding_model", call.config().text("embedding_model")}};
    status["budget_left"] = left ? Json(std::max<std::int64_t>(*left, 0)) : Json(nullptr);
    return status;
  }
};

}  // namespace

SERAI_PLUGIN(Ai)
