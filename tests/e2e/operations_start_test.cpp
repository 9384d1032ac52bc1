// A host that has started: where it says it is, how it is, what it writes down.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Start : public testing::Test {
 protected:
  static void SetUpTestSuite() { host_ = std::make_unique<RunningHost>(RunningHost::Options{}); }
  static void TearDownTestSuite() { host_.reset(); }

  // The lines of the log whose `key` is `value`, once there is one.
  static std::vector<json> log_lines(const std::string& key, const std::string& value) {
    std::vector<json> found;
    eventually([&] {
      found.clear();
      std::istringstream log(host_->process().log());
      for (std::string line; std::getline(log, line);) {
        const auto parsed = json::parse(line, nullptr, false);
        if (parsed.is_object() && parsed.value(key, json()) == value) found.push_back(parsed);
      }
      return !found.empty();
    });
    return found;
  }

  static std::unique_ptr<RunningHost> host_;
};
std::unique_ptr<RunningHost> Start::host_;

TEST_F(Start, writes_where_it_serves_into_its_data_directory) {
  const auto run = json::parse(read_file(host_->data() / "serve.json"));
  EXPECT_EQ(run["pid"], host_->process().pid());
  EXPECT_EQ(run["url"], host_->process().url());
  EXPECT_EQ(run["management_url"], host_->process().management_url());
  EXPECT_EQ(HttpClient(run["url"]).get("/").json()["name"], "Serai");
}

TEST_F(Start, keeps_generated_secrets_from_other_users) {
  namespace fs = std::filesystem;
  for (const auto* name : {"master", "jwt", "admin_token"}) {
    const auto file = host_->data() / "secrets" / name;
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_GE(read_file(file).size(), 32U) << name;
  }
  EXPECT_EQ(fs::status(host_->data() / "secrets").permissions(), fs::perms::owner_all);
}

TEST_F(Start, is_alive_ready_and_started_on_both_addresses) {
  for (const auto& client : {host_->client(), host_->management()}) {
    EXPECT_EQ(client.get("/health/live").json()["status"], "alive");
    EXPECT_EQ(client.get("/health/startup").json()["status"], "started");
    const auto ready = client.get("/health/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(ready.json()["status"], "ready");
    EXPECT_EQ(ready.json()["checks"]["database"], "healthy");
    EXPECT_EQ(ready.json()["checks"]["plugins"], "healthy");
    EXPECT_EQ(ready.headers.at("cache-control"), "no-store");
  }
}

TEST_F(Start, shows_metrics_on_the_management_address_only) {
  const auto metrics = host_->management().get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("# TYPE serai_http_requests_total counter"));
  EXPECT_THAT(metrics.body, HasSubstr("serai_http_request_duration_seconds_bucket"));
  EXPECT_EQ(host_->client().get("/metrics").status, 404);
}

TEST_F(Start, counts_an_answered_request) {
  const auto count = [&] {
    std::istringstream metrics(host_->management().get("/metrics").body);
    for (std::string line; std::getline(metrics, line);) {
      if (line.starts_with("serai_http_requests_total") &&
          line.find("\"health.live\"") != line.npos && line.find("2xx") != line.npos)
        return std::stoi(line.substr(line.rfind(' ')));
    }
    return -1;
  };
  const int before = count();
  ASSERT_GE(before, 0);
  host_->client().get("/health/live");
  EXPECT_EQ(count(), before + 1);
}

TEST_F(Start, offers_nothing_but_health_and_metrics_on_the_management_address) {
  for (const auto* path : {"/api/v1/auth/me", "/api/v1/admin/tenants", "/openapi.json"})
    EXPECT_EQ(host_->management().get(path).status, 404) << path;
}

TEST_F(Start, keeps_a_harmless_request_id_and_logs_it) {
  const auto answer = host_->client().get("/health/live", {{"X-Request-ID", "order-66.a_b"}});
  EXPECT_EQ(answer.headers.at("x-request-id"), "order-66.a_b");
  const auto lines = log_lines("request_id", "order-66.a_b");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["method"], "GET");
  EXPECT_EQ(lines[0]["path"], "/health/live");
  EXPECT_EQ(lines[0]["route"], "health.live");
  EXPECT_EQ(lines[0]["status"], 200);
  EXPECT_GE(lines[0]["duration_us"], 0);
}

TEST_F(Start, replaces_a_request_id_that_could_do_harm_and_makes_one_where_there_is_none) {
  for (const auto& id :
       {std::string(65, 'a'), std::string("a\"b"), std::string("<x>"), std::string("a b")}) {
    const auto answer = host_->client().get("/health/live", {{"X-Request-ID", id}});
    EXPECT_NE(answer.headers.at("x-request-id"), id);
    EXPECT_EQ(answer.headers.at("x-request-id").size(), 36U);
  }
  EXPECT_EQ(host_->client().get("/health/live").headers.at("x-request-id").size(), 36U);
}

TEST_F(Start, names_the_request_id_in_a_problem) {
  const auto answer = host_->client().get("/nowhere", {{"X-Request-ID", "lost-1"}});
  ASSERT_EQ(answer.status, 404);
  EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
  const auto problem = answer.json();
  EXPECT_EQ(problem["status"], 404);
  EXPECT_EQ(problem["code"], "not_found");
  EXPECT_EQ(problem["success"], false);
  EXPECT_THAT(problem["instance"].get<std::string>(), HasSubstr("lost-1"));
  for (const auto* member : {"type", "title", "detail"}) EXPECT_TRUE(problem.contains(member));
}

TEST_F(Start, accepts_and_logs_a_trace_parent_and_drops_what_is_none) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  host_->client().get("/health/live", {{"traceparent", trace}, {"X-Request-ID", "traced-1"}});
  host_->client().get("/health/live", {{"traceparent", "no\"trace"}, {"X-Request-ID", "traced-2"}});
  const auto good = log_lines("request_id", "traced-1"), bad = log_lines("request_id", "traced-2");
  ASSERT_EQ(good.size(), 1U);
  ASSERT_EQ(bad.size(), 1U);
  EXPECT_EQ(good[0]["traceparent"], trace);
  EXPECT_FALSE(bad[0].contains("traceparent"));
}

TEST_F(Start, writes_nothing_but_json_objects_with_time_level_and_message_into_its_log) {
  host_->client().get("/a%22%0a%00%ff%7b\\x");
  host_->client().get("/last-line", {{"X-Request-ID", "last-line"}});
  ASSERT_FALSE(log_lines("request_id", "last-line").empty());
  std::istringstream log(host_->process().log());
  int lines = 0;
  for (std::string line; std::getline(log, line); ++lines) {
    const auto parsed = json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    for (const auto* key : {"time", "level", "message"}) EXPECT_TRUE(parsed.contains(key)) << line;
  }
  EXPECT_GT(lines, 2);
}

TEST_F(Start, never_logs_a_password_or_a_token) {
  auto owner = host_->make_tenant("log-secrets");
  host_->client(owner).get("/api/v1/auth/me", {{"X-Request-ID", "after-secrets"}});
  ASSERT_FALSE(log_lines("request_id", "after-secrets").empty());
  const auto log = host_->process().log();
  for (const auto& secret : {owner.password, owner.access, owner.refresh, host_->admin_token()})
    EXPECT_EQ(log.find(secret), log.npos);
}

TEST_F(Start, refuses_a_data_directory_that_another_process_holds) {
  const auto second =
      run_serai({"serve", "--profile", host_->profile().string(), "--data", host_->data().string(),
                 "--listen", "127.0.0.1:0", "--management", "127.0.0.1:0"});
  EXPECT_NE(second.status, 0);
  EXPECT_THAT(second.err, HasSubstr("in use by another serai process"));
  EXPECT_EQ(host_->client().get("/health/ready").status, 200);
}

TEST_F(Start, refuses_an_address_that_is_taken_and_says_so) {
  const TemporaryDirectory other;
  const auto address = host_->process().url().substr(std::string("http://").size());
  const auto second =
      run_serai({"serve", "--profile", host_->profile().string(), "--data", other.path().string(),
                 "--listen", address, "--management", "127.0.0.1:0"});
  EXPECT_NE(second.status, 0);
  EXPECT_THAT(second.err, HasSubstr("ddress"));
}

}  // namespace
}  // namespace serai_test
