// The routes for people: status and usage.
#include <set>

#include "ai_fixture.hpp"

namespace ai_test {
namespace {

class Usage : public Ai {
 protected:
  void used(const std::string& month, const std::string& kind = "chat",
            const std::string& model = "m") {
    host.sql("INSERT INTO ai_usage VALUES ($1, $2, $3, 1, 10, 5)", month, kind, model);
  }
  Json months_of(const Json& page) {
    Json months = Json::array();
    for (const Json& row : page["data"]) months.push_back(row["month"]);
    return months;
  }
};

TEST_F(Usage, adds_up_by_month_kind_and_model) {
  host.next_http({.body = chat_body("x", 10, 5)}).next_http({.body = chat_body("x", 1, 2)});
  chat();
  chat();
  host.next_http({.body = R"({"data": [{"index": 0, "embedding": [1]}], "model": "e",
                             "usage": {"prompt_tokens": 4, "total_tokens": 4}})"});
  embed({"x"});
  const auto reply = host.get("/api/v1/ai/usage");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json(), (Json{{"success", true},
                                {"count", 2},
                                {"data",
                                 {{{"month", "2026-01"},
                                   {"kind", "chat"},
                                   {"model", "gpt-4o-mini"},
                                   {"requests", 2},
                                   {"prompt_tokens", 11},
                                   {"completion_tokens", 7}},
                                  {{"month", "2026-01"},
                                   {"kind", "embed"},
                                   {"model", "e"},
                                   {"requests", 1},
                                   {"prompt_tokens", 4},
                                   {"completion_tokens", 0}}}}}));
}

TEST_F(Usage, of_another_tenant_is_not_seen) {
  host.next_http({.body = chat_body("x", 10, 5)});
  chat();
  host.tenant("other");
  EXPECT_EQ(host.get("/api/v1/ai/usage").json()["data"], Json::array());
  EXPECT_EQ(host.get("/api/v1/ai/status").json()["data"]["configured"], false);
  EXPECT_EQ(host.get("/api/v1/ai/status").json()["data"]["budget_left"], 2000000);
  EXPECT_EQ(host.metered("ai.tokens"), 0);
}

TEST_F(Usage, comes_newest_month_first_in_pages_that_leave_nothing_out) {
  for (const char* month : {"2025-03", "2025-12", "2026-01", "2025-07", "2025-08"}) {
    used(month, "chat", "a");
    used(month, "chat", "b");
  }
  Json page = host.get("/api/v1/ai/usage?months=2").json();
  EXPECT_EQ(months_of(page), (Json{"2026-01", "2026-01", "2025-12", "2025-12"}));
  page = host.get("/api/v1/ai/usage?months=2&before=" + page["next"].get<std::string>()).json();
  EXPECT_EQ(months_of(page), (Json{"2025-08", "2025-08", "2025-07", "2025-07"}));
  page = host.get("/api/v1/ai/usage?months=2&before=" + page["next"].get<std::string>()).json();
  EXPECT_EQ(months_of(page), (Json{"2025-03", "2025-03"}));
  EXPECT_FALSE(page.contains("next"));
}

TEST_F(Usage, shows_three_months_unless_asked_otherwise) {
  for (const char* month : {"2025-01", "2025-02", "2025-03", "2025-04"}) used(month);
  EXPECT_EQ(months_of(host.get("/api/v1/ai/usage").json()),
            (Json{"2025-04", "2025-03", "2025-02"}));
  EXPECT_EQ(host.get("/api/v1/ai/usage?months=24").json()["count"], 4);
}

TEST_F(Usage, of_nobody_is_an_empty_list_without_a_next_page) {
  const Json page = host.get("/api/v1/ai/usage").json();
  EXPECT_EQ(page["data"], Json::array());
  EXPECT_EQ(page["count"], 0);
  EXPECT_FALSE(page.contains("next"));
}

TEST_F(Usage, refuses_a_number_of_months_beyond_its_limits) {
  for (const char* months : {"0", "25", "-1", "many"}) {
    EXPECT_EQ(host.get(std::string("/api/v1/ai/usage?months=") + months).status, 422) << months;
  }
}

TEST_F(Usage, takes_before_as_a_value_and_not_as_sql) {
  used("2025-01");
  EXPECT_EQ(host.get("/api/v1/ai/usage?before='%20OR%201=1%20--").status, 200);
  EXPECT_EQ(host.sql("SELECT count(*) AS n FROM ai_usage")[0]["n"], 1);
}

TEST_F(Usage, and_status_need_the_permission) {
  for (const char* path : {"/api/v1/ai/usage", "/api/v1/ai/status"}) {
    host.as_user("bob", {});
    EXPECT_EQ(host.get(path).status, 403) << path;
    host.as_nobody();
    EXPECT_EQ(host.get(path).status, 401) << path;
  }
}

TEST_F(Usage, and_the_status_page_agree_on_what_is_left) {
  host.set_setting("monthly_tokens", 1000).next_http({.body = chat_body("x", 30, 12)});
  chat();
  const auto reply = host.get("/api/v1/ai/status");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["data"], (Json{{"configured", true},
                                        {"model", "gpt-4o-mini"},
                                        {"embedding_model", "text-embedding-3-small"},
                                        {"budget_left", 958}}));
  EXPECT_EQ(host.call_service("ai.status/1"), reply.json()["data"]);
}

TEST_F(Usage, never_shows_less_than_nothing_left) {
  host.set_setting("monthly_tokens", 600).next_http({.body = chat_body("x", 5000, 1)});
  chat();
  EXPECT_EQ(budget_left(), 0);
}

}  // namespace
}  // namespace ai_test
