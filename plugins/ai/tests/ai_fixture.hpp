// The plugin in the fake host with a provider configured, and answers in the provider's shapes.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace ai_test {

using serai::Json;
using serai::Problem;
using serai::testing::HttpAnswer;

inline const std::string kBase = "https://provider.example/v1";
inline const std::string kKey = "not-a-real-key";

inline std::string chat_body(const std::string& content, int prompt = 10, int completion = 5) {
  return Json{{"id", "chatcmpl-1"},
              {"object", "chat.completion"},
              {"created", 1},
              {"model", "gpt-4o-mini"},
              {"choices",
               {{{"index", 0},
                 {"message", {{"role", "assistant"}, {"content", content}, {"refusal", nullptr}}},
                 {"logprobs", nullptr},
                 {"finish_reason", "stop"}}}},
              {"usage",
               {{"prompt_tokens", prompt},
                {"completion_tokens", completion},
                {"total_tokens", prompt + completion}}}}
      .dump();
}

class Ai : public ::testing::Test {
 protected:
  Ai() {
    host.as_user("alice", {"ai.read"});
    configure();
  }

  // For the present tenant.
  void configure() { host.set_setting("base_url", kBase).set_secret("api_key", kKey); }

  Json chat(const std::string& text = "Hello") {
    return host.call_service("ai.chat/1", {{"messages", {{{"role", "user"}, {"content", text}}}}});
  }

  Json embed(const Json& texts) { return host.call_service("ai.embed/1", {{"texts", texts}}); }

  // The Problem `function` throws; one of status 0 if it throws none.
  template <class F>
  static Problem problem_of(F&& function) {
    try {
      function();
    } catch (const Problem& problem) {
      return problem;
    }
    return {0, "", "nothing was thrown"};
  }

  std::int64_t reserved() {
    return host.sql("SELECT COALESCE(SUM(tokens), 0) AS n FROM ai_reservations")[0]["n"];
  }
  Json budget_left() { return host.call_service("ai.status/1")["budget_left"]; }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

inline std::string header_of(const serai::HttpRequest& request, const std::string& name) {
  for (const auto& [given, value] : request.headers) {
    if (given == name) return value;
  }
  return {};
}

}  // namespace ai_test
