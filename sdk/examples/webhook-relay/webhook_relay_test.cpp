#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace {

using namespace std::chrono_literals;

class WebhookRelay : public ::testing::Test {
 protected:
  WebhookRelay() {
    host.as_user("alice", {"webhook-relay.send"});
    host.set_setting("target_url", "https://target.example/hook");
    host.set_secret("target_token", "a-token-of-the-test");
  }
  serai::Json send() {
    const auto reply = host.post("/api/v1/webhook-relay/messages",
                                 {{"id", "m1"}, {"event", "sold"}, {"payload", {{"n", 3}}}});
    EXPECT_EQ(reply.status, 202) << reply.body;
    return reply.json()["data"];
  }
  serai::Json message() { return host.get("/api/v1/webhook-relay/messages/m1").json()["data"]; }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

TEST_F(WebhookRelay, passes_a_message_on_with_its_id_and_the_token) {
  host.next_http({.status = 204});
  send();
  EXPECT_EQ(message()["delivered_at"], nullptr);
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_NE(message()["delivered_at"], nullptr);
  const auto sent = host.http_requests().at(0);
  EXPECT_EQ(sent.url, "https://target.example/hook");
  EXPECT_EQ(serai::parse_json(sent.body)["payload"]["n"], 3);
  const std::map<std::string, std::string> headers(sent.headers.begin(), sent.headers.end());
  EXPECT_EQ(headers.at("authorization"), "Bearer a-token-of-the-test");
  EXPECT_EQ(headers.at("idempotency-key"), "m1");
}

TEST_F(WebhookRelay, takes_the_same_message_once) {
  host.on_http("https://target.example/", {.status = 200});
  EXPECT_EQ(send()["known"], false);
  EXPECT_EQ(send()["known"], true);
  host.run_jobs();
  host.run_job("deliver", {{"id", "m1"}});  // and a job that comes twice sends nothing
  EXPECT_EQ(host.http_requests().size(), 1);
}

TEST_F(WebhookRelay, tries_again_until_the_target_has_it) {
  host.next_http({.failure = SERAI_E_UNAVAILABLE}).next_http({.status = 500});
  host.next_http({.status = 200});
  send();
  for (int attempt = 0; attempt < 3; ++attempt, host.advance(1h)) EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(message()["attempts"], 3);
  EXPECT_NE(message()["delivered_at"], nullptr);
}

TEST_F(WebhookRelay, does_not_show_another_tenants_message) {
  send();
  host.tenant("other");
  EXPECT_EQ(host.get("/api/v1/webhook-relay/messages/m1").status, 404);
}

}  // namespace
