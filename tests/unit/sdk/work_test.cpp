// Jobs, events, services, outside requests, settings, secrets, figures, log and clock.
#include <gtest/gtest.h>

#include "serai/testing/fake_host.hpp"

namespace {

using serai::Json;
using serai::Problem;
using serai::testing::FakeHost;
using serai::testing::Reply;

class Work : public ::testing::Test {
 protected:
  Reply work(const std::string& what, const Json& body = Json::object()) {
    return host.post("/api/v1/probe/work/" + what, body);
  }
  Reply other(const std::string& what, const Json& body = Json::object()) {
    return host.post("/api/v1/probe/other/" + what, body);
  }
  FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Work, a_queued_job_runs_when_asked_to) {
  const Json json = work("enqueue", {{"n", 1}}).json();
  EXPECT_EQ(json["state"], "queued");
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(host.jobs()[0].state, "done");
  EXPECT_EQ(host.kv("ran"), "1");
  EXPECT_EQ(host.logs().back().fields["id"], json["id"]);
  EXPECT_EQ(host.run_jobs(), 0);
}

TEST_F(Work, a_unique_key_is_queued_once_while_it_waits) {
  const Json first = work("enqueue", {{"n", 1}}).json();
  EXPECT_EQ(work("enqueue", {{"n", 1}}).json()["id"], first["id"]);
  EXPECT_EQ(host.jobs().size(), 1U);
  host.run_jobs();
  EXPECT_NE(work("enqueue", {{"n", 1}}).json()["id"], first["id"]);
}

TEST_F(Work, a_failing_job_is_tried_again_later_and_dies_after_its_last_attempt) {
  work("enqueue", {{"fail", true}});
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(host.jobs()[0].state, "queued");
  EXPECT_EQ(host.jobs()[0].last_error, "Not now: attempt 1.");
  EXPECT_EQ(host.run_jobs(), 0) << "not before its time";
  host.advance(std::chrono::hours(1));
  EXPECT_EQ(host.run_jobs(), 1);
  host.advance(std::chrono::hours(1));
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(host.jobs()[0].state, "dead");
}

TEST_F(Work, a_job_may_queue_another) {
  work("enqueue", {{"again", true}});
  EXPECT_EQ(host.run_jobs(), 2);
}

TEST_F(Work, a_delayed_job_waits) {
  work("later");
  EXPECT_EQ(host.run_jobs(), 0);
  host.advance(std::chrono::minutes(5));
  EXPECT_EQ(host.run_jobs(), 1);
}

TEST_F(Work, a_job_can_be_run_by_itself_and_its_failure_is_thrown) {
  host.run_job("count", {{"n", 1}});
  EXPECT_EQ(host.kv("ran"), "1");
  EXPECT_THROW(host.run_job("count", {{"fail", true}}), Problem);
}

TEST_F(Work, what_the_manifest_does_not_declare_is_refused) {
  EXPECT_EQ(work("undeclared_job").status, 400);
  EXPECT_EQ(work("undeclared_event").status, 403);
  EXPECT_EQ(work("undeclared_service").status, 403);
  EXPECT_EQ(other("metric_undeclared").status, 400);
  EXPECT_EQ(other("config_unknown").status, 404);
  EXPECT_EQ(host.request("POST", "/api/v1/probe/work/fetch_url", "https://evil.example/").status,
            403);
}

TEST_F(Work, events_are_captured_with_their_payload) {
  work("publish");
  ASSERT_EQ(host.events().size(), 1U);
  EXPECT_EQ(host.events()[0].type, "probe.done");
  EXPECT_EQ(host.events()[0].payload, (Json{{"x", 1}}));
}

TEST_F(Work, a_delivered_event_reaches_its_handler) {
  host.deliver_event("tenant.created");
  EXPECT_EQ(host.kv("event"), "tenant.created");
  EXPECT_THROW(host.deliver_event("tenant.created", {{"fail", true}}), Problem);
  EXPECT_THROW(host.deliver_event("nobody.cares"), std::invalid_argument);
}

TEST_F(Work, services_answer_json_or_bytes_as_the_same_user) {
  host.as_user("alice");
  EXPECT_EQ(host.call_service("probe.echo/1", {{"a", 1}}),
            (Json{{"service", "probe.echo/1"}, {"got", {{"a", 1}}}, {"user", "alice"}}));
  EXPECT_EQ(host.call_service("probe.raw/1", 5), Json::array({5}));
}

TEST_F(Work, a_failing_service_passes_its_problem_on) {
  try {
    host.call_service("probe.fail/1");
    FAIL() << "it did not fail";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status, 409);
    EXPECT_EQ(problem.code, "busy");
  }
}

TEST_F(Work, another_plugins_service_is_asked_and_may_be_absent) {
  EXPECT_EQ(work("chat").json()["chat"], "nobody");
  host.on_service("ai.chat/1", [](const Json& request) { return Json{{"heard", request["say"]}}; });
  EXPECT_EQ(work("chat").json()["chat"]["heard"], "hi");
  host.on_service("ai.chat/1",
                  [](const Json&) -> Json { throw Problem(429, "slow", "Slow down."); });
  EXPECT_EQ(work("chat").status, 429);
  EXPECT_EQ(work("chat").code(), "slow");
}

TEST_F(Work, outside_requests_are_recorded_and_answered_by_the_script) {
  host.next_http({200, R"({"ok":1})", {{"Content-Type", "application/json"}}});
  const Json json = work("fetch", {{"q", 1}}).json();
  EXPECT_EQ(json["got"]["ok"], 1);
  EXPECT_EQ(json["type"], "application/json");
  ASSERT_EQ(host.http_requests().size(), 1U);
  EXPECT_EQ(host.http_requests()[0].method, "POST");
  EXPECT_EQ(host.http_requests()[0].body, R"({"q":1})");
}

TEST_F(Work, an_outside_failure_becomes_its_problem) {
  host.next_http({500, "oops"});
  EXPECT_EQ(work("fetch").status, 502);
  host.next_http({200, "not json"});
  EXPECT_EQ(work("fetch").status, 502);
  host.next_http({.failure = SERAI_E_UNAVAILABLE});
  EXPECT_EQ(work("fetch").status, 503);
  EXPECT_EQ(work("fetch").status, 503) << "nothing scripted";
}

TEST_F(Work, the_longest_url_prefix_answers) {
  host.on_http("https://api.example.com/", {404});
  host.on_http("https://api.example.com/v1/", {201});
  const auto get = [&](const char* url) {
    return host.request("POST", "/api/v1/probe/work/fetch_url", url).json()["status"];
  };
  EXPECT_EQ(get("https://api.example.com/v1/y"), 201);
  EXPECT_EQ(get("https://api.example.com/z"), 404);
}

TEST_F(Work, a_host_from_a_setting_may_be_reached) {
  host.on_http("http://box:8080/", {200});
  const auto get = [&] {
    return host.request("POST", "/api/v1/probe/work/fetch_url", "http://box:8080/x").status;
  };
  EXPECT_EQ(get(), 403);
  host.set_setting("base_url", "http://box:8080/v1");
  EXPECT_EQ(get(), 200);
}

TEST_F(Work, settings_are_the_tenants_over_the_defaults) {
  EXPECT_EQ(other("config").json()["top_k"], 5);
  EXPECT_EQ(other("config").json()["base_url"], nullptr);
  EXPECT_EQ(other("config").json()["all"], (Json{{"top_k", 5}, {"base_url", nullptr}}));
  host.set_setting("top_k", 7);
  EXPECT_EQ(other("config").json()["top_k"], 7);
  EXPECT_EQ(other("config_set", 9).status, 200);
  EXPECT_EQ(host.setting("top_k"), 9);
  EXPECT_EQ(other("config_set", 99).status, 422);
  EXPECT_EQ(other("config_missing").status, 503);
  EXPECT_THROW(host.set_setting("nothing", 1), std::invalid_argument);
  EXPECT_THROW(host.set_setting("top_k", "x"), std::invalid_argument);
}

TEST_F(Work, a_missing_secret_says_which) {
  EXPECT_EQ(other("secret").code(), "secret_missing");
  host.set_secret("api_key", "abc");
  EXPECT_EQ(other("secret").json()["length"], 3);
}

TEST_F(Work, figures_are_counted) {
  other("metrics");
  other("metrics");
  EXPECT_EQ(host.metric("questions_total"), 2);
  EXPECT_EQ(host.metric("depth"), 4);
  EXPECT_EQ(host.metric("seconds"), 0.25);
  EXPECT_EQ(host.metered("ai.tokens"), 24);
  EXPECT_EQ(other("metric_negative").status, 400);
}

TEST_F(Work, log_lines_carry_level_and_fields) {
  other("log");
  EXPECT_EQ(host.logs().back().message, "careful");
  EXPECT_EQ(host.logs().back().level, std::uint32_t{SERAI_LOG_WARNING});
  EXPECT_EQ(host.logs().back().fields, (Json{{"n", 1}}));
}

TEST_F(Work, the_clock_stands_still_and_ids_ascend) {
  const Json json = other("clock").json();
  EXPECT_EQ(json["now"], "2026-01-01T00:00:00.000000Z");
  EXPECT_LT(json["first"].get<std::string>(), json["second"].get<std::string>());
  EXPECT_EQ(json["first"].get<std::string>()[14], '7');
  host.advance(std::chrono::seconds(61));
  EXPECT_EQ(other("clock").json()["now"], "2026-01-01T00:01:01.000000Z");
}

}  // namespace
