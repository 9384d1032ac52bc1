// Mail as a tenant's administrator, its provider and a customer's mailbox meet it: a real server
// with STARTTLS and login, SendGrid's stand-in, and the page of the sink.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "fakes/sendgrid.hpp"
#include "support/smtp_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Mail : public testing::Test {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"mail"};
    out.profile["outbound"] = {{"allow_private_addresses", true},
                               {"authorities", relay().authority()}};
    out.profile["plugins"]["enabled"] = {
        {{"id", "mail"},
         {"settings", {{"from_email", "desk@lagoon.example"}, {"from_name", "Blue Lagoon"}}}}};
    return out;
  }
  static SmtpServer& relay() {
    static SmtpServer server;
    return server;
  }

  void set(const std::string& tenant, const json& settings, const json& secrets = json::object()) {
    const auto path = "/api/v1/admin/tenants/" + tenant + "/plugins/mail";
    const auto answer = host_.admin().send("PUT", path, json{{"settings", settings}}.dump());
    ASSERT_EQ(answer.status, 200) << answer.body;
    for (const auto& [name, value] : secrets.items()) {
      const auto kept =
          host_.admin().send("PUT", path + "/secrets/" + name, json{{"value", value}}.dump());
      ASSERT_LT(kept.status, 300) << kept.body;
    }
  }
  void use_relay(const std::string& tenant) {
    set(tenant, {{"transport", "smtp"}, {"smtp_url", relay().url()}, {"smtp_user", relay().user()}},
        {{"smtp_password", relay().password()}});
  }
  std::string send(const Person& by, const std::string& to, const json& more = json::object()) {
    json document = {{"to", to}, {"subject", "Hello"}, {"text", "Good day"}};
    document.update(more);
    const auto answer = host_.client(by).post("/api/v1/mail/messages", document);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return answer.status == 202 ? answer.json()["data"]["message_id"].get<std::string>() : "";
  }
  // What the relay says next of a mail to that address; a test before may have left more to read.
  static json taken(const std::string& to) {
    while (true) {
      auto line = relay().next();
      if (line.value("refused", "") == to || line.value("to", json()) == json::array({to}))
        return line;
    }
  }
  // Of an address that was made for whoever has it.
  static std::string path_of(const Answer& made) {
    const std::string url = made.json()["data"]["url"];
    return url.substr(url.find("/api/"));
  }
  json message(const Person& by, const std::string& id) {
    return host_.client(by).get("/api/v1/mail/messages/" + id).json()["data"];
  }
  bool becomes(const Person& by, const std::string& id, const std::string& status) {
    return eventually([&] { return message(by, id)["status"] == status; });
  }

  RunningHost host_{options()};
};

TEST_F(Mail, goes_over_a_relay_and_what_bounced_is_mailed_no_more) {
  const auto owner = host_.make_tenant("lagoon"), other = host_.make_tenant("reef");
  use_relay("lagoon");
  const auto id = send(owner, "thandi@example.com", {{"html", "<p>Good <b>day</b></p>"}});
  ASSERT_TRUE(becomes(owner, id, "sent")) << message(owner, id);
  const auto mail = taken("thandi@example.com");
  EXPECT_EQ(mail["from"], "desk@lagoon.example");
  EXPECT_EQ(mail["secure"], true);
  EXPECT_EQ(message(owner, id)["reply"], "250 OK: message queued");

  const auto lost = send(owner, "nobody@example.com");
  ASSERT_TRUE(becomes(owner, lost, "bounced")) << message(owner, lost);
  EXPECT_EQ(taken("nobody@example.com")["code"], 550);
  EXPECT_EQ(message(owner, send(owner, "nobody@example.com"))["status"], "suppressed");
  const auto list = host_.client(owner).get("/api/v1/mail/suppressions").json();
  EXPECT_EQ(list["data"][0]["address"], "nobody@example.com");

  // Of all this another tenant sees nothing, and its mail is its own to set up.
  EXPECT_EQ(host_.client(other).get("/api/v1/mail/messages/" + id).status, 404);
  EXPECT_EQ(host_.client(other).get("/api/v1/mail/suppressions").json()["total"], 0);
  EXPECT_EQ(
      host_.client(other)
          .post("/api/v1/mail/messages", {{"to", "a@b.example"}, {"subject", "x"}, {"text", "y"}})
          .json()["code"],
      "mail_not_configured");

  EXPECT_EQ(host_.client(owner).remove("/api/v1/mail/suppressions/nobody@example.com").status, 204);
  const auto refused = send(owner, "spam@example.com");
  ASSERT_TRUE(becomes(owner, refused, "failed")) << message(owner, refused);
  EXPECT_THAT(message(owner, refused)["reply"].get<std::string>(), HasSubstr("554 5.7.1"));
}

TEST_F(Mail, that_was_queued_is_sent_once_after_the_host_was_killed) {
  const auto owner = host_.make_tenant("lagoon");
  use_relay("lagoon");
  const auto id = send(owner, "anna@example.com", {{"idempotency_key", "one"}});
  host_.kill();
  host_.start();
  auto back = owner;
  host_.login(back);
  ASSERT_TRUE(becomes(back, id, "sent")) << message(back, id);
  EXPECT_EQ(send(back, "anna@example.com", {{"idempotency_key", "one"}}), id);
  // Taken once, or twice with the same Message-ID where the answer was lost with the host.
  EXPECT_EQ(taken("anna@example.com")["from"], "desk@lagoon.example");
  EXPECT_EQ(host_.client(back).get("/api/v1/mail/messages").json()["total"], 1);
}

TEST_F(Mail, that_was_taken_over_when_the_host_was_killed_comes_again_as_the_same_mail) {
  const auto owner = host_.make_tenant("lagoon");
  use_relay("lagoon");
  const auto id = send(owner, "again@example.com", {{"html", "<p>Good <b>day</b></p>"}});
  const auto first = taken("again@example.com");  // and its answer never reaches the host
  host_.kill();
  host_.start();
  auto back = owner;
  host_.login(back);
  ASSERT_TRUE(becomes(back, id, "sent")) << message(back, id);
  EXPECT_EQ(taken("again@example.com"), first) << "mailboxes know it by its Message-ID";
  EXPECT_EQ(host_.client(back).get("/api/v1/mail/messages").json()["total"], 1);
}

TEST_F(Mail, of_a_tenant_is_reached_and_limited_by_no_other) {
  const auto owner = host_.make_tenant("lagoon"), other = host_.make_tenant("reef");
  set("lagoon", {{"transport", "sink"}});
  set("reef", {{"transport", "sink"}, {"daily_limit", 3}});
  const auto ours = host_.client(owner), theirs = host_.client(other);
  const auto id = send(owner, "anna@example.com", {{"idempotency_key", "one"}});
  ASSERT_TRUE(becomes(owner, id, "sent"));
  const json form = {{"subject", "Trip"}, {"text", "Hello {{name}}"}, {"html", "<p>{{name}}</p>"}};
  ASSERT_EQ(ours.send("PUT", "/api/v1/mail/templates/trip", form.dump()).status, 200);
  ASSERT_EQ(ours.post("/api/v1/mail/suppressions", {{"address", "no@example.com"}}).status, 201);

  EXPECT_EQ(theirs.get("/api/v1/mail/messages").json()["total"], 0);
  EXPECT_EQ(theirs.get("/api/v1/mail/messages/" + id).status, 404);
  EXPECT_EQ(theirs.post("/api/v1/mail/messages/" + id + "/resend", json::object()).status, 404);
  EXPECT_EQ(theirs.get("/api/v1/mail/templates").json()["data"], json::array());
  EXPECT_EQ(theirs.get("/api/v1/mail/templates/trip").status, 404);
  EXPECT_EQ(theirs.remove("/api/v1/mail/templates/trip").status, 404);
  EXPECT_EQ(theirs.get("/api/v1/mail/suppressions").json()["total"], 0);
  EXPECT_EQ(theirs.remove("/api/v1/mail/suppressions/no@example.com").status, 404);
  const auto page = path_of(theirs.post("/api/v1/mail/sink", json::object()));
  EXPECT_THAT(host_.client().get(page).body, HasSubstr("Nothing was sent yet."));
  EXPECT_EQ(host_.client().get(page + "?message=" + id).status, 404);

  // The same key and the address that the first tenant does not mail: mails of the other's own. Of
  // all that ask at once as many come through as its day has.
  EXPECT_NE(send(other, "no@example.com", {{"idempotency_key", "one"}}), id);
  std::vector<std::thread> askers;
  std::atomic<int> accepted = 0, refused = 0;
  for (int i = 0; i < 8; ++i)
    askers.emplace_back([&] {
      const auto answer = host_.client(other).post(
          "/api/v1/mail/messages", {{"to", "a@b.example"}, {"subject", "x"}, {"text", "y"}});
      if (answer.status == 202) ++accepted;
      if (answer.status == 429 && answer.json()["code"] == "daily_limit") ++refused;
    });
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(theirs.get("/api/v1/mail/status").json()["data"]["sent_today"], 3);
  send(owner, "ben@example.com");
}

TEST_F(Mail, by_sendgrid_outlives_its_bad_days_and_learns_what_became_of_it) {
  using Mood = fakes::SendGrid::Mood;
  fakes::SendGrid provider("SG.of-the-subuser");
  const auto owner = host_.make_tenant("lagoon"), other = host_.make_tenant("reef");
  set("lagoon",
      {{"transport", "sendgrid"},
       {"sendgrid_url", provider.url()},
       {"timeout", 500},
       {"sendgrid_webhook_key", provider.signer().public_key()}},
      {{"sendgrid_api_key", "SG.of-the-subuser"}});
  // Whatever SendGrid does, each mail is tried again and taken over once.
  std::map<std::string, std::string> mails;  // recipient -> id
  for (const auto& [to, mood] :
       {std::pair("anna@example.com", Mood::fails), std::pair("ben@example.com", Mood::rubbish),
        std::pair("carl@example.com", Mood::limits), std::pair("dora@example.com", Mood::hangs_up),
        std::pair("emil@example.com", Mood::times_out)}) {
    provider.meets(to, mood);
    mails[to] = send(owner, to);
  }
  for (const auto& [to, id] : mails) {
    ASSERT_TRUE(becomes(owner, id, "sent")) << message(owner, id);
    EXPECT_GE(message(owner, id)["attempts"], 2) << to;
    const auto mails_there = provider.mails();
    const auto to_them = [&, id = id](const json& mail) {
      return mail["personalizations"][0]["custom_args"]["serai_message"] == id;
    };
    EXPECT_EQ(std::count_if(mails_there.begin(), mails_there.end(), to_them), 1) << to;
  }
  const auto id = mails["anna@example.com"];
  EXPECT_TRUE(message(owner, id)["provider_id"].get<std::string>().starts_with("fake-"));

  const std::string webhook =
      path_of(host_.client(owner).post("/api/v1/mail/webhook", json::object()));
  const auto report = [&](const std::string& path, const json& events,
                          const std::string& change = "") {
    const auto post = provider.sign(events);
    return host_.client().send("POST", path, post.body + change, post.headers);
  };
  const json bounce = json::array({{{"event", "bounce"},
                                    {"type", "bounce"},
                                    {"sg_event_id", "e1"},
                                    {"serai_message", id},
                                    {"reason", "550 5.1.1"},
                                    {"email", "anna@example.com"}}});
  EXPECT_EQ(report(webhook, bounce, " ").status, 401) << "a changed body";
  auto stranger = webhook;
  stranger[stranger.size() - 5] = stranger[stranger.size() - 5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(report(stranger, bounce).status, 404);
  EXPECT_EQ(message(owner, id)["status"], "sent");
  EXPECT_EQ(report(webhook, bounce).status, 204);
  EXPECT_EQ(message(owner, id)["status"], "bounced");
  EXPECT_EQ(host_.client(owner).get("/api/v1/mail/suppressions").json()["data"][0]["detail"],
            "550 5.1.1");
  EXPECT_EQ(host_.client(other).get("/api/v1/mail/suppressions").json()["total"], 0);
  // A suspended tenant's link opens nothing.
  ASSERT_LT(
      host_.admin().post("/api/v1/admin/tenants/lagoon/suspend", {{"reason", "Not paid"}}).status,
      300);
  EXPECT_EQ(report(webhook, bounce).status, 403);
}

TEST_F(Mail, of_the_sink_is_a_page_for_whoever_has_its_link) {
  const auto owner = host_.make_tenant("lagoon");
  set("lagoon", {{"transport", "sink"}});
  const auto id = send(owner, "anna@example.com", {{"subject", "<i>Your quote</i>"}});
  ASSERT_TRUE(becomes(owner, id, "sent"));
  const std::string path = path_of(host_.client(owner).post("/api/v1/mail/sink", json::object()));
  const auto page = host_.client().get(path);
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_THAT(page.headers.at("content-type"), HasSubstr("text/html"));
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(page.headers.at("referrer-policy"), "no-referrer");
  EXPECT_THAT(page.body, HasSubstr("&lt;i&gt;Your quote&lt;/i&gt;"));
  EXPECT_THAT(host_.client().get(path + "?message=" + id).body, HasSubstr("Good day"));
  EXPECT_EQ(host_.client().get("/api/v1/mail/sink/AAAA").status, 404);
  // A link is for one route alone, and the log does not have it.
  const auto link = path.substr(path.rfind('/') + 1);
  EXPECT_EQ(host_.client().send("POST", "/api/v1/mail/events/" + link, "").status, 404);
  EXPECT_THAT(host_.process().log(), Not(HasSubstr(link)));
}

}  // namespace
}  // namespace serai_test
