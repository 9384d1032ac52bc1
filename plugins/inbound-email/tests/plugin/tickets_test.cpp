// From a provider's post to a ticket, its answer and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace inbound_test {
namespace {

using serai::Json;
using testing::HasSubstr;

const std::string kTickets = "/api/v1/inbound/tickets";

std::string mail(const std::string& id, const std::string& subject, const std::string& body,
                 const std::string& more = "") {
  return "From: Anna Smit <anna@example.org>\r\nTo: sales@tenant.example\r\nMessage-ID: <" + id +
         ">\r\nSubject: " + subject + "\r\n" + more + "\r\n" + body;
}

class InboundEmail : public testing::Test {
 protected:
  InboundEmail() {
    sign_in();
    host.set_setting("destinations", "Zanzibar = Stone Town; Mauritius");
    host.set_setting("own_addresses", "Sales@tenant.example, info@tenant.example");
    const auto made = host.post("/api/v1/inbound/address", Json::object());
    EXPECT_EQ(made.status, 201) << made.body;
    address = path_of(made.json()["data"]["mime"]);
    form = path_of(made.json()["data"]["form"]);
  }
  void sign_in() {
    host.as_user("alice", {"inbound-email.read", "inbound-email.write", "inbound-email.manage"},
                 "admin");
  }
  static std::string path_of(const std::string& url) { return url.substr(url.find("/webhooks/")); }

  Json deliver(const std::string& raw) {
    host.as_nobody();
    const auto reply = host.request("POST", address, raw, {{"content-type", "message/rfc822"}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    host.run_jobs();
    sign_in();
    return reply.status == 200 ? reply.json() : Json::object();
  }
  Json tickets(const std::string& query = "") {
    const auto reply = host.get(kTickets + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json() : Json{{"data", Json::array()}, {"total", -1}};
  }
  Json show(const std::string& id) { return host.get(kTickets + "/" + id).json()["data"]; }
  std::string only_id() { return tickets()["data"][0]["ticket_id"]; }
  Json refused() { return host.get("/api/v1/inbound/refused").json()["data"]; }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
  std::string address;
  std::string form;
};

TEST_F(InboundEmail, a_mail_becomes_a_ticket_with_what_it_asks_for) {
  deliver(mail("1@x", "Zanzibar", "12 to 19 July for 2 adults, R80 000 in total please.\r\n"));
  const auto list = tickets();
  ASSERT_EQ(list["total"], 1);
  const auto& ticket = list["data"][0];
  EXPECT_EQ(ticket["customer_email"], "anna@example.org");
  EXPECT_EQ(ticket["customer_name"], "Anna Smit");
  EXPECT_EQ(ticket["priority"], "high");
  EXPECT_EQ(ticket["status"], "open");
  const auto& details = ticket["metadata"]["parsed_details"];
  EXPECT_EQ(details["destination"], "Zanzibar");
  EXPECT_EQ(details["adults"], 2);
  EXPECT_EQ(details["nights"], 7);
  EXPECT_EQ(details["budget"], 80000);
  EXPECT_EQ(details["evidence"]["adults"]["words"], "2 adults");
  EXPECT_EQ(list["stats"]["open"], 1);
}

TEST_F(InboundEmail, the_same_mail_twice_is_one_ticket) {
  const auto raw = mail("1@x", "Zanzibar", "2 adults");
  deliver(raw);
  EXPECT_EQ(deliver("Received: by another way\r\n" + raw)["duplicate"], true);
  EXPECT_EQ(tickets()["total"], 1);
  deliver(mail("1@x", "Zanzibar", "3 adults"));  // another one that claims the same id
  EXPECT_EQ(tickets()["total"], 2);
}

TEST_F(InboundEmail, sendgrids_fields_and_mailguns_form_are_mails) {
  host.as_nobody();
  const auto fields =
      host.post_form(form, {{"headers",
                             "From: Bob <bob@example.org>\nMessage-ID: <b@x>\nSubject: "
                             "=?utf-8?Q?Caf=C3=A9?=\nContent-Type: text/html\n"},
                            {"text", "caf\xE9 for 2 adults"},
                            {"charsets", R"({"text":"iso-8859-1"})"},
                            {"attachment1", "%PDF-1.7", "pass\"port.pdf", "image/png"}});
  EXPECT_EQ(fields.status, 200) << fields.body;
  const auto raw = host.post_form(form, {{"body-mime", mail("c@x", "Raw", "hello")}});
  EXPECT_EQ(raw.status, 200) << raw.body;
  EXPECT_EQ(host.post_form(form, {{"text", "no headers"}}).status, 422);
  host.run_jobs();
  sign_in();
  ASSERT_EQ(tickets()["total"], 2);
  for (const auto& ticket : tickets()["data"]) {
    const auto shown = show(ticket["ticket_id"]);
    if (shown["customer_email"] != "bob@example.org") continue;
    EXPECT_EQ(shown["subject"], "Café");
    EXPECT_EQ(shown["message"], "café for 2 adults");
    EXPECT_EQ(shown["conversation"][0]["attachments"][0]["name"], "passport.pdf");
    EXPECT_EQ(shown["conversation"][0]["attachments"][0]["type"], "application/pdf");
  }
}

TEST_F(InboundEmail, an_answer_joins_its_ticket_by_thread_or_by_the_customers_subject) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto id = only_id();
  deliver(mail("2@x", "Re: Zanzibar", "Make it 3", "In-Reply-To: <1@x>\r\n"));
  deliver(mail("3@x", "Re: [" + id + "]", "And a cot"));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(show(id)["conversation"].size(), 3);
  auto stranger = mail("4@x", "Re: [" + id + "]", "Show me");
  stranger.replace(stranger.find("anna@"), 5, "eve@");
  deliver(stranger);
  EXPECT_EQ(tickets()["total"], 2);
  EXPECT_EQ(show(id)["conversation"].size(), 3);
}

TEST_F(InboundEmail, machines_open_no_tickets) {
  deliver(mail("1@x", "Out of office", "away", "Auto-Submitted: auto-replied\r\n"));
  auto own = mail("2@x", "Loop", "x");
  own.replace(own.find("anna@example.org"), 16, "sales@tenant.example");
  deliver(own);
  std::string hops;
  for (int i = 0; i < 60; ++i) hops += "Received: by mx\r\n";
  deliver(mail("3@x", "Loop", "x", hops));
  EXPECT_EQ(tickets()["total"], 0);
  EXPECT_EQ(refused().size(), 3);
}

TEST_F(InboundEmail, a_poison_mail_is_kept_with_its_reason_and_can_be_replayed) {
  std::string groups;
  for (int i = 0; i < 200; ++i) groups += "g:";
  deliver("From: a@b.example\r\nTo: " + groups + "\r\n\r\nx");
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  EXPECT_EQ(tickets()["total"], 1);
  ASSERT_EQ(refused().size(), 1);
  EXPECT_THAT(refused()[0]["reason"].get<std::string>(), HasSubstr("groups"));
  const std::string id = refused()[0]["mail_id"];
  EXPECT_EQ(host.post("/api/v1/inbound/refused/" + id + "/replay", Json::object()).status, 202);
  host.run_jobs();
  EXPECT_EQ(refused().size(), 1);
  EXPECT_EQ(tickets()["total"], 1);
}

TEST_F(InboundEmail, an_old_address_opens_nothing) {
  const auto old = address;
  EXPECT_EQ(host.post("/api/v1/inbound/address", Json::object()).status, 201);
  host.as_nobody();
  EXPECT_EQ(
      host.request("POST", old, mail("1@x", "a", "b"), {{"content-type", "message/rfc822"}}).status,
      404);
}

TEST_F(InboundEmail, a_status_goes_forwards_only) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto path = kTickets + "/" + only_id();
  EXPECT_EQ(host.patch(path, {{"status", "resolved"}}).status, 409);
  EXPECT_EQ(host.patch(path, {{"status", "in_progress"}, {"assigned_to", "bob"}}).status, 200);
  EXPECT_EQ(host.patch(path, {{"status", "open"}}).status, 409);
  EXPECT_EQ(host.patch(path, {{"status", "closed"}, {"priority", "low"}}).status, 200);
  EXPECT_EQ(host.patch(path, {{"status", "open"}}).status, 409);
  EXPECT_EQ(show(only_id())["assigned_to"], "bob");
  EXPECT_EQ(tickets("?priority=low")["total"], 1);
  EXPECT_EQ(tickets("?priority=high")["total"], 0);
  EXPECT_EQ(tickets("?status=closed")["count"], 1);
}

TEST_F(InboundEmail, a_reply_is_mailed_in_its_thread) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto id = only_id();
  const auto path = kTickets + "/" + id + "/reply";
  EXPECT_EQ(host.post(path, {{"message", "Hello"}}).status, 503);
  EXPECT_EQ(show(id)["conversation"].size(), 1);
  std::vector<Json> sent;
  host.on_service("mail.send/1", [&](const Json& mail) -> Json {
    sent.push_back(mail);
    return {{"message_id", "m1"}, {"status", "queued"}};
  });
  const auto reply = host.post(path, {{"message", "Hello"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  ASSERT_EQ(sent.size(), 1);
  EXPECT_EQ(sent[0]["to"]["email"], "anna@example.org");
  EXPECT_EQ(sent[0]["in_reply_to"], "1@x");
  EXPECT_THAT(sent[0]["subject"].get<std::string>(), HasSubstr("[" + id + "]"));
  EXPECT_EQ(reply.json()["data"]["status"], "in_progress");
  EXPECT_EQ(show(id)["conversation"][1]["role"], "agent");
}

TEST_F(InboundEmail, another_tenant_sees_nothing) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto id = only_id();
  host.tenant("other");
  sign_in();
  EXPECT_EQ(tickets()["total"], 0);
  EXPECT_EQ(host.get(kTickets + "/" + id).status, 404);
  EXPECT_TRUE(refused().empty());
}

}  // namespace
}  // namespace inbound_test
