// A provider that refuses, fails or is not there: the documented problems, and no secret in them.
#include "ai_fixture.hpp"

namespace ai_test {
namespace {

struct Failure {
  const char* name;
  HttpAnswer answer;
  int status;
  const char* code;
};

class ProviderFailures : public Ai, public ::testing::WithParamInterface<Failure> {};

TEST_P(ProviderFailures, become_the_documented_problem_and_give_the_budget_back) {
  const auto& [name, answer, status, code] = GetParam();
  host.on_http(kBase, answer);
  for (const bool chatting : {true, false}) {
    const Problem problem = problem_of([&] { chatting ? chat() : embed({"x"}); });
    EXPECT_EQ(problem.status, status) << problem.detail;
    EXPECT_EQ(problem.code, code) << problem.detail;
  }
  EXPECT_EQ(host.metric("failures_total"), 2);
  EXPECT_EQ(reserved(), 0);
  EXPECT_EQ(budget_left(), 2000000);
  EXPECT_EQ(host.metered("ai.tokens"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, ProviderFailures,
    ::testing::Values(
        Failure{"key_unknown", {.status = 401}, 503, "ai_unavailable"},
        Failure{"key_without_rights", {.status = 403}, 503, "ai_unavailable"},
        Failure{"rate_limit", {.status = 429}, 503, "ai_unavailable"},
        Failure{"fault", {.status = 500}, 503, "ai_unavailable"},
        Failure{"overload", {.status = 503}, 503, "ai_unavailable"},
        Failure{"moved", {.status = 302}, 502, "ai_bad_answer"},
        Failure{"request_refused", {.status = 400}, 502, "ai_bad_answer"},
        Failure{"model_unknown", {.status = 404}, 502, "ai_bad_answer"},
        Failure{"connection_refused", {.failure = SERAI_E_UNAVAILABLE}, 503, "ai_unavailable"},
        Failure{"time_out", {.failure = SERAI_E_DEADLINE}, 503, "ai_unavailable"},
        Failure{"address_not_allowed", {.failure = SERAI_E_DENIED}, 503, "ai_unavailable"},
        Failure{"address_no_address", {.failure = SERAI_E_INVALID}, 503, "ai_unavailable"},
        Failure{"no_http", {.failure = SERAI_E_UPSTREAM}, 502, "ai_bad_answer"},
        Failure{"too_large", {.failure = SERAI_E_TOO_LARGE}, 502, "ai_bad_answer"}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(Ai, without_a_provider_every_service_says_so_and_asks_nobody) {
  host.tenant("plain");
  for (const bool chatting : {true, false}) {
    const Problem problem = problem_of([&] { chatting ? chat() : embed({"x"}); });
    EXPECT_EQ(problem.status, 503);
    EXPECT_EQ(problem.code, "ai_not_configured");
  }
  EXPECT_TRUE(host.http_requests().empty());
  EXPECT_EQ(host.call_service("ai.status/1")["configured"], false);
  EXPECT_EQ(host.metric("requests_total"), 0);
}

TEST_F(Ai, the_provider_is_asked_again_after_a_failure) {
  host.next_http({.status = 500}).next_http({.body = chat_body("Back again")});
  EXPECT_EQ(problem_of([&] { chat(); }).status, 503);
  EXPECT_EQ(chat()["content"], "Back again");
}

// Providers like to repeat the key they were given, and addresses may be internal.
TEST_F(Ai, neither_key_nor_address_nor_the_providers_words_are_in_logs_answers_or_problems) {
  const HttpAnswer answers[] = {
      {.status = 401, .body = "Incorrect API key provided: " + kKey},
      {.status = 400, .body = "bad: " + kKey},
      {.status = 500, .body = kKey},
      {.body = "no JSON: " + kKey},
      {.body = R"({"choices": [], "error": ")" + kKey + "\"}"},
      {.body = "connection to " + kBase + " with " + kKey, .failure = SERAI_E_UNAVAILABLE},
      {.body = "host of " + kBase + " " + kKey, .failure = SERAI_E_DENIED},
      {.body = chat_body("Fine")},
  };
  std::string seen;
  for (const HttpAnswer& answer : answers) {
    host.next_http(answer);
    const Problem problem = problem_of([&] { seen += chat().dump(); });
    seen += problem.detail + problem.code;
  }
  seen += host.get("/api/v1/ai/status").body + host.get("/api/v1/ai/usage").body;
  seen += host.call_service("ai.status/1").dump();
  ASSERT_EQ(host.logs().size(), 7U);
  for (const auto& line : host.logs()) seen += line.message + line.fields.dump();
  EXPECT_EQ(seen.find(kKey), std::string::npos) << seen;
  EXPECT_EQ(seen.find("provider.example"), std::string::npos) << seen;
  // The one way the key goes out.
  for (const auto& request : host.http_requests()) {
    EXPECT_EQ(header_of(request, "authorization"), "Bearer " + kKey);
    EXPECT_EQ((request.url + request.body).find(kKey), std::string::npos);
  }
}

TEST_F(Ai, a_failure_is_logged_with_its_code) {
  host.next_http({.status = 429});
  problem_of([&] { chat(); });
  ASSERT_EQ(host.logs().size(), 1U);
  EXPECT_EQ(host.logs()[0].fields["code"], "ai_unavailable");
}

}  // namespace
}  // namespace ai_test
