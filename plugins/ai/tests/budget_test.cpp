// The budget: reserved before, settled after, never overdrawn by many at once. What runs "at once"
// runs from within the provider's answer to another request, which is then certainly under way.
#include "ai_fixture.hpp"

namespace ai_test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST_F(Ai, a_settled_request_costs_what_the_provider_charged) {
  host.set_setting("monthly_tokens", 10'000).next_http({.body = chat_body("x", 300, 40)});
  chat();
  EXPECT_EQ(budget_left(), 10'000 - 340);
  EXPECT_EQ(reserved(), 0);
}

TEST_F(Ai, a_request_under_way_reserves_its_estimate_until_its_deadline) {
  host.set_setting("monthly_tokens", 10'000).time_limit(seconds(20));
  Json reservations, left_meanwhile;
  host.on_http(kBase, [&](const serai::HttpRequest&) {
    reservations = host.sql("SELECT tokens, expires_at FROM ai_reservations WHERE tokens > 0");
    left_meanwhile = budget_left();
    return HttpAnswer{.body = chat_body("x", 1, 1)};
  });
  chat();
  ASSERT_EQ(reservations.size(), 1U);
  // 500 for the answer and something for the question.
  const auto tokens = reservations[0]["tokens"].get<std::int64_t>();
  EXPECT_GT(tokens, 500);
  EXPECT_LT(tokens, 600);
  EXPECT_EQ(left_meanwhile, 10'000 - tokens);
  EXPECT_EQ(reservations[0]["expires_at"], serai::to_text(host.now() + seconds(20)));
}

TEST_F(Ai, a_failed_request_gives_its_reservation_back) {
  host.set_setting("monthly_tokens", 1000).on_http(kBase, {.status = 500});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_unavailable");
  EXPECT_EQ(budget_left(), 1000);
}

TEST_F(Ai, an_exhausted_budget_is_429_and_asks_nobody) {
  host.set_setting("monthly_tokens", 1000).next_http({.body = chat_body("x", 700, 200)});
  chat();
  const Problem problem = problem_of([&] { chat(); });
  EXPECT_EQ(problem.status, 429);
  EXPECT_EQ(problem.code, "ai_budget_exhausted");
  EXPECT_EQ(problem_of([&] { embed({std::string(400, 'x')}); }).code, "ai_budget_exhausted");
  EXPECT_EQ(host.http_requests().size(), 1U);
  EXPECT_EQ(host.metric("requests_total"), 1);
  EXPECT_EQ(budget_left(), 100);
}

TEST_F(Ai, a_budget_that_just_suffices_is_used_to_the_end) {
  std::int64_t estimate = 0;
  host.on_http(kBase, [&](const serai::HttpRequest&) {
    estimate = reserved();
    return HttpAnswer{.body = chat_body("x", 0, 0)};
  });
  chat();
  host.set_setting("monthly_tokens", estimate - 1);
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted");
  host.set_setting("monthly_tokens", estimate);
  EXPECT_EQ(chat()["content"], "x");
}

TEST_F(Ai, requests_at_once_cannot_overdraw_together) {
  // Room for three estimates of some 510 tokens, while eight requests come before any is answered.
  host.set_setting("monthly_tokens", 1600);
  int started = 0, refused = 0;
  host.on_http(kBase, [&](const serai::HttpRequest&) {
    if (++started < 8) {
      const Problem problem = problem_of([&] { chat(); });
      if (problem.code == "ai_budget_exhausted") ++refused;
    }
    return HttpAnswer{.body = chat_body("x", 100, 400)};
  });
  chat();
  EXPECT_EQ(started, 3);
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(budget_left(), 1600 - 3 * 500);
  EXPECT_EQ(reserved(), 0);
}

TEST_F(Ai, the_reservation_of_a_call_that_died_lapses_at_its_deadline) {
  host.set_setting("monthly_tokens", 1000).on_http(kBase, {.body = chat_body("x", 1, 1)});
  ASSERT_EQ(budget_left(), 1000);
  host.sql("INSERT INTO ai_reservations (id, tokens, expires_at) VALUES ('dead', 900, $1)",
           serai::to_text(host.now() + seconds(30)));
  EXPECT_EQ(budget_left(), 100);
  host.advance(seconds(29));
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted");
  host.advance(seconds(1));
  EXPECT_EQ(budget_left(), 1000);
  EXPECT_EQ(chat()["content"], "x");
  EXPECT_TRUE(host.sql("SELECT id FROM ai_reservations WHERE id = 'dead'").empty());
}

TEST_F(Ai, an_answer_without_usage_costs_the_estimate) {
  Json body = Json::parse(chat_body("x"));
  body.erase("usage");
  std::int64_t estimate = 0;
  host.on_http(kBase, [&](const serai::HttpRequest&) {
    estimate = reserved();
    return HttpAnswer{.body = body.dump()};
  });
  host.set_setting("monthly_tokens", 100'000);
  EXPECT_EQ(chat()["usage"]["prompt_tokens"], estimate);
  EXPECT_EQ(budget_left(), 100'000 - estimate);
  for (const Json& usage : {Json{{"prompt_tokens", -5}}, Json{{"prompt_tokens", "7"}},
                            Json{{"prompt_tokens", 1.5}}, Json("free"), Json()}) {
    body["usage"] = usage;
    EXPECT_EQ(chat()["usage"]["prompt_tokens"], estimate) << usage;
  }
}

TEST_F(Ai, an_absurd_usage_neither_overflows_nor_turns_into_credit) {
  Json body = Json::parse(chat_body("x"));
  body["usage"] = {{"prompt_tokens", UINT64_MAX}, {"completion_tokens", UINT64_MAX}};
  host.on_http(kBase, {.body = body.dump()});
  chat();
  EXPECT_EQ(budget_left(), 0);
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted");
}

TEST_F(Ai, a_new_month_brings_a_new_budget) {
  host.set_setting("monthly_tokens", 1000).on_http(kBase, {.body = chat_body("x", 600, 300)});
  chat();
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted");
  host.advance(hours(24 * 31) - seconds(1));
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted") << "still January";
  host.advance(seconds(1));
  EXPECT_EQ(budget_left(), 1000);
  EXPECT_EQ(chat()["content"], "x");
}

TEST_F(Ai, a_request_over_midnight_of_the_months_end_counts_once_and_in_the_new_month) {
  host.set_setting("monthly_tokens", 10'000);
  host.advance(hours(24 * 31) - seconds(1));
  host.on_http(kBase, [&](const serai::HttpRequest&) {
    host.advance(seconds(2));
    return HttpAnswer{.body = chat_body("x", 30, 4)};
  });
  chat();
  EXPECT_EQ(host.sql("SELECT month, prompt_tokens, completion_tokens FROM ai_usage"),
            (Json{{{"month", "2026-02"}, {"prompt_tokens", 30}, {"completion_tokens", 4}}}));
  EXPECT_EQ(reserved(), 0);
}

TEST_F(Ai, without_a_limit_nothing_is_refused_but_everything_is_counted) {
  host.set_setting("monthly_tokens", 0).on_http(kBase, {.body = chat_body("x", 900'000, 1)});
  for (int i = 0; i < 4; ++i) chat();
  EXPECT_EQ(budget_left(), nullptr);
  EXPECT_EQ(host.sql("SELECT prompt_tokens AS n FROM ai_usage")[0]["n"], 3'600'000);
}

TEST_F(Ai, the_budget_is_each_tenants_own) {
  host.set_setting("monthly_tokens", 1000).on_http(kBase, {.body = chat_body("x", 600, 300)});
  chat();
  host.tenant("other").set_setting("monthly_tokens", 1000);
  configure();
  EXPECT_EQ(budget_left(), 1000);
  EXPECT_EQ(chat()["content"], "x");
  host.tenant("acme");
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_budget_exhausted");
}

}  // namespace
}  // namespace ai_test
