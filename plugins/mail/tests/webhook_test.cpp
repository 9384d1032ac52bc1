// SendGrid's reports: each once, in any order. That they are signed is the host's affair.
#include "mail_fixture.hpp"

namespace mail_test {
namespace {

class Webhook : public Mail {
 protected:
  Webhook() {
    path = host.post("/api/v1/mail/webhook").json()["data"]["url"];
    id = send(letter());
    host.run_jobs();
  }
  Json event(const std::string& kind, const Json& more = Json::object()) {
    Json one = {{"event", kind},
                {"sg_event_id", "e" + std::to_string(++count)},
                {"serai_message", id},
                {"email", "anna@example.com"}};
    one.update(more);
    return one;
  }
  serai::testing::Reply report_one(const Json& event, const std::string& to = "") {
    return report(Json::array({event}), to);
  }
  serai::testing::Reply report(const Json& events, const std::string& to = "") {
    const auto body = events.dump();
    host.as_nobody();
    auto reply = host.request("POST", to.empty() ? path : to, body);
    host.as_user("alice", {"mail.read", "mail.manage"});
    return reply;
  }
  std::string path, id;
  int count = 0;
};

TEST_F(Webhook, tells_that_a_mail_was_delivered) {
  EXPECT_EQ(report({event("processed"), event("delivered"), event("open")}).status, 204);
  EXPECT_EQ(status(id), "delivered");
  EXPECT_EQ(message(id)["events"].size(), 4);
  EXPECT_EQ(host.events().back().type, "mail.delivered");
}

TEST_F(Webhook, bounces_and_complaints_end_the_mailing) {
  EXPECT_EQ(
      report_one(event("bounce", {{"type", "bounce"}, {"reason", "550 no such user"}})).status,
      204);
  EXPECT_EQ(status(id), "bounced");
  auto list = host.get("/api/v1/mail/suppressions").json();
  EXPECT_EQ(list["data"][0]["address"], "anna@example.com");
  EXPECT_EQ(list["data"][0]["reason"], "bounce");
  EXPECT_EQ(list["data"][0]["detail"], "550 no such user");
  // A delivery that comes late does not make it good again.
  report_one(event("delivered"));
  EXPECT_EQ(status(id), "bounced");
  EXPECT_EQ(host.call_service("mail.send/1", letter())["status"], "suppressed");
}

TEST_F(Webhook, a_complaint_after_the_delivery_counts) {
  report({event("delivered"), event("spamreport")});
  EXPECT_EQ(status(id), "bounced");
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["data"][0]["reason"], "complaint");
}

TEST_F(Webhook, a_block_or_a_drop_blames_no_address) {
  report_one(event("bounce", {{"type", "blocked"}}));
  EXPECT_EQ(status(id), "bounced");
  id = send(letter());
  report_one(event("dropped", {{"reason", "Invalid"}}));
  EXPECT_EQ(status(id), "failed");
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
}

TEST_F(Webhook, counts_each_event_once) {
  const auto once = event("delivered");
  report({once, once});
  report_one(once);
  EXPECT_EQ(message(id)["events"].size(), 2);
}

TEST_F(Webhook, finds_its_tenant_by_the_link_alone) {
  host.tenant("other");
  const std::string theirs = host.post("/api/v1/mail/webhook").json()["data"]["url"];
  // Another tenant's webhook and subuser, our message id in the body: nothing happens to ours.
  EXPECT_EQ(report_one(event("bounce", {{"type", "bounce"}, {"tenant_id", "acme"}}), theirs).status,
            204);
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
  host.tenant("acme");
  EXPECT_EQ(status(id), "sent");
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
}

TEST_F(Webhook, has_one_address_at_a_time) {
  const auto before = path;
  path = host.post("/api/v1/mail/webhook").json()["data"]["url"];
  EXPECT_EQ(report_one(event("delivered"), before).status, 404);
  EXPECT_EQ(report_one(event("delivered"), "/api/v1/mail/events/abcd").status, 404);
  EXPECT_EQ(report_one(event("delivered")).status, 204);
}

TEST_F(Webhook, survives_rubbish) {
  for (const Json& rubbish : {Json::object(), Json("x"), Json(5)})
    EXPECT_EQ(report(rubbish).status, 422) << rubbish;
  EXPECT_EQ(
      report({5, nullptr, Json::array(), Json::object(), event("unheard-of"),
              event("bounce", {{"serai_message", 7}}), event("bounce", {{"sg_event_id", nullptr}}),
              event("bounce", {{"serai_message", "unknown"}})})
          .status,
      204);
  EXPECT_EQ(status(id), "sent");
}

TEST_F(Webhook, bounces_that_come_by_mail_count_too) {
  host.call_service("mail.bounced/1",
                    {{"address", "anna@example.com"}, {"message_id", id}, {"detail", "5.1.1"}});
  EXPECT_EQ(status(id), "bounced");
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 1);
  // A message that went to somebody else is not touched.
  const auto other = send(letter({{"to", "carl@example.com"}}));
  host.call_service("mail.bounced/1", {{"address", "dora@example.com"}, {"message_id", other}});
  EXPECT_EQ(status(other), "queued");
}

}  // namespace
}  // namespace mail_test
