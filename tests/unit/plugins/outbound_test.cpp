// Requests to the outside against a server that fails in every way.
#include "plugins/outbound.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "fakes/http_fake.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using fakes::HttpFake;
using testing::World;

struct OutboundTest : ::testing::Test {
  OutboundTest() {
    outbound.wait = [this](std::chrono::milliseconds time) { waits.push_back(time); };
  }
  OutboundRequest request(const std::string& path = "/") {
    OutboundRequest made;
    made.plugin = "alpha";
    made.url = server.url(path);
    made.deadline = World::in(60);
    made.hosts.allowed = {"127.0.0.1:" + std::to_string(server.port())};
    return made;
  }
  std::string refusal(const OutboundRequest& made) {
    try {
      outbound.fetch(made);
    } catch (const Problem& problem) {
      return std::to_string(problem.status()) + " " + problem.code();
    }
    return "";
  }
  HttpFake server;
  Outbound outbound{OutboundPolicy{true, true}};
  std::vector<std::chrono::milliseconds> waits;
};

TEST_F(OutboundTest, asks_and_gives_the_answer_back) {
  server.answer(201, "made", "X-Kind: Test\r\n");
  auto made = request("/things?a=1");
  made.method = "POST";
  made.body = "{\"a\":1}";
  made.headers = {{"Content-Type", "application/json"}};
  const auto reply = outbound.fetch(made);
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "made");
  EXPECT_EQ(reply.attempts, 1u);
  EXPECT_EQ(reply.headers.front(), (std::pair<std::string, std::string>{"x-kind", "Test"}));
  const auto asked = server.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].starts_with("POST /things?a=1 HTTP/1.1\r\n"));
  EXPECT_TRUE(asked[0].ends_with("\r\n\r\n{\"a\":1}"));
}

TEST_F(OutboundTest, tries_again_with_jitter_until_it_works) {
  server.hang_up();
  server.answer(503, "");
  server.answer(200, "at last");
  auto made = request();
  made.retries = 3;
  const auto reply = outbound.fetch(made);
  EXPECT_EQ(reply.body, "at last");
  EXPECT_EQ(reply.attempts, 3u);
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_LE(waits[0].count(), 400);
  EXPECT_LE(waits[1].count(), 800);
}

TEST_F(OutboundTest, honours_retry_after) {
  server.answer(429, "", "Retry-After: 7\r\n");
  server.answer(200, "ok");
  auto made = request();
  made.retries = 1;
  EXPECT_EQ(outbound.fetch(made).status, 200);
  EXPECT_EQ(waits, std::vector<std::chrono::milliseconds>{std::chrono::seconds(7)});
}

TEST_F(OutboundTest, does_not_wait_beyond_the_deadline) {
  server.answer(429, "slow down", "Retry-After: 3600\r\n");
  auto made = request();
  made.retries = 5;
  EXPECT_EQ(outbound.fetch(made).status, 429);
  EXPECT_TRUE(waits.empty());
}

TEST_F(OutboundTest, does_not_repeat_a_post_without_a_key) {
  server.answer(503, "");
  auto made = request();
  made.method = "POST";
  made.retries = 5;
  EXPECT_EQ(outbound.fetch(made).status, 503);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(OutboundTest, repeats_a_post_with_an_idempotency_key) {
  server.answer(503, "");
  server.answer(200, "ok");
  auto made = request();
  made.method = "POST";
  made.headers = {{"Idempotency-Key", "k"}};
  made.retries = 5;
  EXPECT_EQ(outbound.fetch(made).status, 200);
}

TEST_F(OutboundTest, gives_up_on_a_server_that_stays_silent) {
  server.silence();
  auto made = request();
  made.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(refusal(made), "503 timed_out");
}

TEST_F(OutboundTest, is_capped_by_the_deadline) {
  server.silence();
  auto made = request();
  made.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  EXPECT_EQ(refusal(made), "503 timed_out");
  made.deadline = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(made), "504 deadline_exceeded");
}

TEST_F(OutboundTest, calls_rubbish_rubbish) {
  server.answer("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(refusal(request()), "502 bad_answer");
  server.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  EXPECT_EQ(refusal(request()), "502 bad_answer");
}

TEST_F(OutboundTest, stops_reading_an_answer_that_is_too_large) {
  server.answer(200, std::string(100'000, 'x'));
  auto made = request();
  made.max_body = 1000;
  EXPECT_EQ(refusal(made), "413 too_large");
  server.answer("HTTP/1.1 200 OK\r\nX: " + std::string(90'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(refusal(request()).substr(0, 1), "4");
}

TEST_F(OutboundTest, opens_the_circuit_after_five_failures) {
  for (int i = 0; i < 5; ++i) {
    server.answer(500, "");
    EXPECT_EQ(outbound.fetch(request()).status, 500);
  }
  EXPECT_EQ(refusal(request()), "503 circuit_open");
  EXPECT_EQ(server.requests().size(), 5u);
  auto other = request();
  other.plugin = "beta";
  server.answer(200, "ok");
  EXPECT_EQ(outbound.fetch(other).status, 200);
}

TEST_F(OutboundTest, follows_no_redirect) {
  server.answer(302, "", "Location: http://evil.example/\r\n");
  const auto reply = outbound.fetch(request());
  EXPECT_EQ(reply.status, 302);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(OutboundTest, refuses_hosts_that_are_not_declared_or_are_denied) {
  auto made = request();
  made.hosts.allowed = {"example.com"};
  EXPECT_EQ(refusal(made), "403 host_not_allowed");
  made.hosts.allowed = {"127.0.0.1"};  // without a port: the scheme's own only
  EXPECT_EQ(refusal(made), "403 host_not_allowed");
  made = request();
  made.hosts.denied = {"127.0.0.1"};
  EXPECT_EQ(refusal(made), "403 host_not_allowed");
  made = request();
  made.url = "http://127.0.0.1:" + std::to_string(server.port()) + "@example.com/";
  EXPECT_EQ(refusal(made), "400 bad_request");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(OutboundTest, refuses_names_that_lead_inside) {
  Outbound strict(OutboundPolicy{false, true});
  auto made = request();
  made.url = "http://localhost:" + std::to_string(server.port()) + "/";
  made.hosts.allowed = {"localhost:" + std::to_string(server.port())};
  try {
    strict.fetch(made);
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.code(), "host_not_allowed");
    EXPECT_NE(problem.detail().find("private address"), std::string::npos);
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(OutboundTest, refuses_plain_http_unless_it_is_allowed) {
  Outbound strict(OutboundPolicy{true, false});
  EXPECT_THROW(strict.fetch(request()), Problem);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(OutboundTest, refuses_headers_that_would_split_the_request) {
  auto made = request();
  made.headers = {{"X-A", "b\r\nX-Evil: 1"}};
  EXPECT_EQ(refusal(made), "400 bad_request");
  made.headers = {{"Host", "evil.example"}};
  EXPECT_EQ(refusal(made), "400 bad_request");
  made.headers = {{"X A", "b"}};
  EXPECT_EQ(refusal(made), "400 bad_request");
  EXPECT_TRUE(server.requests().empty());
}

TEST(OutboundInterface, asks_hosts_of_settings_and_passes_the_request_id_on) {
  HttpFake server;
  World world;
  world.load();
  const std::string fetch = "fetch GET 0 1000 0 " + server.url("/x");
  EXPECT_EQ(world.run(fetch + "\nerror"), "-4\n0 host_not_allowed");
  world.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", server.url("/v1")}}}}}});
  server.answer(200, "hello");
  EXPECT_EQ(world.run(fetch), "0 200 after 1: hello");
  EXPECT_NE(server.requests().at(0).find("X-Request-ID: request-1\r\n"), std::string::npos);
  EXPECT_EQ(world.run(fetch, World::token("reef")), "-4");
}

TEST(OutboundInterface, lends_its_database_connection_to_others_meanwhile) {
  HttpFake server;
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", server.url()}}}}}});
  server.answer(200, "hello");
  EXPECT_EQ(world.run("q SELECT 1\nfetch GET 0 1000 0 " + server.url() + "\nq SELECT 2"),
            "0 1 rows 1\n0 200 after 1: hello\n0 1 rows 2");
}

}  // namespace
}  // namespace host::plugins
