// From a provider's post to a ticket, its answer and back.
#include "inbound_fixture.hpp"

namespace inbound_test {
namespace {

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

// A provider that missed the answer posts once more.
TEST_F(InboundEmail, fields_without_a_message_id_are_one_mail_when_they_come_again) {
  host.as_nobody();
  for (const bool again : {false, true}) {
    const auto posted = host.post_form(
        form, {{"from", "Dora <dora@example.org>"}, {"subject", "Bare"}, {"text", "hello"}});
    EXPECT_EQ(posted.json().contains("duplicate"), again) << posted.body;
  }
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
  const auto all = tickets()["data"];
  for (const auto& ticket : all) {
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

TEST_F(InboundEmail, a_reply_carries_only_what_a_header_can_and_its_answer_comes_back) {
  deliver(mail("one two,x", "Re: Re: Zanzibar", "2 adults"));
  deliver(mail("2@x", "Zanzibar, too", "a cot", "In-Reply-To: <onetwo,x>\r\n"));
  const auto id = only_id();
  offer("mail.send/1",
        {{"message_id", "0196f000-0000-7000-8000-00000000000a"}, {"status", "queued"}});
  ASSERT_EQ(host.post(kTickets + "/" + id + "/reply", {{"message", "Hello"}}).status, 200);
  const auto& sent = calls["mail.send/1"][0];
  EXPECT_EQ(sent["subject"], "Re: Zanzibar [" + id + "]");
  EXPECT_EQ(sent["references"], Json::array({"2@x"}));
  // Another address and subject, nothing but our own mail's id: a colleague answers.
  auto answer = mail("3@x", "Fine", "Book it",
                     "In-Reply-To: <0196f000-0000-7000-8000-00000000000a@tenant.example>\r\n");
  answer.replace(answer.find("anna@"), 5, "bert@");
  deliver(answer);
  ASSERT_EQ(tickets()["total"], 1);
  EXPECT_EQ(show(id)["conversation"].back()["author"], "bert@example.org");
}

TEST_F(InboundEmail, a_reply_reopens_nothing_and_a_refused_one_changes_nothing) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto path = kTickets + "/" + only_id();
  break_down("mail.send/1", 429, "Today's mails are used up.");
  EXPECT_EQ(host.post(path + "/reply", {{"message", "Hello"}}).status, 429);
  EXPECT_EQ(only_ticket()["status"], "open");
  EXPECT_EQ(only_ticket()["conversation"].size(), 1);
  offer("mail.send/1", {{"message_id", "m1"}, {"status", "queued"}});
  EXPECT_EQ(host.patch(path, {{"status", "in_progress"}}).status, 200);
  EXPECT_EQ(host.patch(path, {{"status", "resolved"}}).status, 200);
  EXPECT_EQ(host.post(path + "/reply", {{"message", "Hello"}}).json()["data"]["status"],
            "resolved");
  deliver(mail("2@x", "Re: Zanzibar", "one more thing", "In-Reply-To: <1@x>\r\n"));
  EXPECT_EQ(only_ticket()["status"], "in_progress");
}

TEST_F(InboundEmail, a_ticket_is_assigned_to_somebody_who_is_there) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto path = kTickets + "/" + only_id();
  offer("serai.users/1", {{"users", {{{"id", "u1"}, {"email", "bob@tenant.example"}}}}});
  EXPECT_EQ(host.patch(path, {{"assigned_to", "nobody"}}).status, 422);
  EXPECT_EQ(host.patch(path, {{"assigned_to", "u1"}, {"notes", "VIP"}}).status, 200);
  EXPECT_EQ(only_ticket()["assigned_to"], "u1");
  EXPECT_EQ(host.patch(path, {{"assigned_to", nullptr}}).status, 200);
  EXPECT_TRUE(only_ticket()["assigned_to"].is_null());
  EXPECT_EQ(only_ticket()["notes"], "VIP");
}

TEST_F(InboundEmail, samples_are_made_once) {
  const auto first = host.post(kTickets + "/seed");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json()["created"], 3);
  EXPECT_EQ(host.post(kTickets + "/seed").json()["created"], 0);
  EXPECT_EQ(tickets()["total"], 3);
  EXPECT_EQ(tickets("?priority=high")["total"], 2);
  const auto wanted = tickets("?priority=high")["data"];
  for (const auto& ticket : wanted) {
    EXPECT_EQ(ticket["metadata"]["parsed_details"]["destination"], "Zanzibar");
  }
  EXPECT_EQ(host.get("/api/v1/inbound/stats").json()["data"]["open"], 3);
}

TEST_F(InboundEmail, what_was_stored_and_lost_its_job_is_found_again) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  // As after a host that died in the middle of the last attempt.
  host.sql("DELETE FROM inbound_email_tickets");
  host.sql("UPDATE inbound_email_mails SET state = 'received', ticket_id = NULL");
  host.run_job("recover");
  EXPECT_EQ(host.run_jobs(), 0);
  host.advance(std::chrono::minutes(11));
  host.run_job("recover");
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(tickets()["total"], 1);
}

TEST_F(InboundEmail, a_mail_that_never_comes_to_an_end_is_given_up) {
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  host.sql("DELETE FROM inbound_email_tickets");
  host.sql("UPDATE inbound_email_mails SET state = 'received', ticket_id = NULL, runs = 8");
  host.run_job("process",
               {{"mail_id", host.sql("SELECT mail_id FROM inbound_email_mails")[0]["mail_id"]}});
  ASSERT_EQ(refused().size(), 1);
  EXPECT_THAT(refused()[0]["reason"].get<std::string>(), HasSubstr("never came to an end"));
  const std::string id = refused()[0]["mail_id"];
  EXPECT_EQ(host.post("/api/v1/inbound/refused/" + id + "/replay").status, 202);
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_TRUE(refused().empty());
}

// Whatever it is, it is saved and never shown: a page of a stranger would run in the host's origin.
TEST_F(InboundEmail, an_attachment_is_given_out_to_be_saved) {
  deliver(mail("1@x", "Look", "",
               "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\n"
               "Content-Type: text/html; name=\"caf\xC3\xA9.html\"\r\nContent-Disposition: "
               "attachment\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n"));
  const auto id = only_id();
  const auto attached = only_ticket()["conversation"][0]["attachments"][0];
  const auto path =
      kTickets + "/" + id + "/attachments/" + attached["attachment_id"].get<std::string>();
  const auto file = host.get(path);
  ASSERT_EQ(file.status, 200) << file.body;
  EXPECT_THAT(file.body, HasSubstr("<script>alert(1)</script>"));
  EXPECT_EQ(file.header("content-disposition"),
            "attachment; filename=\"caf__.html\"; filename*=UTF-8''caf%C3%A9.html");
  EXPECT_EQ(file.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(host.get(kTickets + "/" + id + "/attachments/none").status, 404);
  EXPECT_EQ(host.get(kTickets + "/TKT-20260101-AAAAAA/attachments/" +
                     attached["attachment_id"].get<std::string>())
                .status,
            404)
      << "of another ticket";
  host.tenant("other");
  sign_in();
  EXPECT_EQ(host.get(path).status, 404);
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
