// From asking to handing over: once, again, never.
#include "mail_fixture.hpp"

namespace mail_test {
namespace {

TEST_F(Mail, is_queued_and_then_sent) {
  const auto id = send(letter());
  EXPECT_EQ(status(id), "queued");
  EXPECT_TRUE(host.mails().empty());
  EXPECT_EQ(host.run_jobs(), 1);
  const auto sent = message(id);
  EXPECT_EQ(sent["status"], "sent");
  EXPECT_EQ(sent["transport"], "smtp");
  EXPECT_EQ(sent["reply"], "250 2.0.0 Ok");
  EXPECT_EQ(sent["attempts"], 1);
  EXPECT_EQ(sent["events"].size(), 1);
  ASSERT_EQ(host.events().size(), 1);
  EXPECT_EQ(host.events()[0].type, "mail.sent");
  EXPECT_EQ(host.events()[0].payload["message_id"], id);
  EXPECT_EQ(host.metric("sent_total"), 1);
  // A job that comes twice sends once.
  host.run_job("deliver", {{"message_id", id}});
  EXPECT_EQ(host.mails().size(), 1);
}

TEST_F(Mail, is_one_mail_for_one_key) {
  const auto id = send(letter({{"idempotency_key", "quote-1"}}));
  EXPECT_EQ(send(letter({{"idempotency_key", "quote-1"}})), id);
  EXPECT_EQ(refusal(letter({{"idempotency_key", "quote-1"}, {"text", "Another"}})),
            "409 idempotency_conflict");
  host.run_jobs();
  EXPECT_EQ(send(letter({{"idempotency_key", "quote-1"}})), id);
  host.run_jobs();
  EXPECT_EQ(host.mails().size(), 1);
  host.tenant("other");
  host.set_setting("transport", "sink").set_setting("from_email", "x@other.example");
  EXPECT_NE(send(letter({{"idempotency_key", "quote-1"}})), id);
}

TEST_F(Mail, is_tried_again_while_the_server_postpones) {
  int asked = 0;
  host.on_mail([&](const auto&) -> SmtpResult {
    switch (++asked) {
      case 1:
        return {SmtpOutcome::deferred, SmtpStage::recipient, 451, "4.3.0 Later"};
      case 2:
        throw Problem(503, "unreachable", "mail.example.com:465 cannot be used.");
      case 3:
        return {SmtpOutcome::unknown, SmtpStage::content, 0, ""};
      case 4:
        return {SmtpOutcome::refused, SmtpStage::login, 535, "5.7.8 Wrong password"};
      default:
        return {SmtpOutcome::accepted, SmtpStage::content, 250, "2.0.0 Ok"};
    }
  });
  const auto id = send(letter());
  for (const char* reply : {"451 4.3.0 Later", "mail.example.com:465 cannot be used.",
                            "The server gave no answer.", "535 5.7.8 Wrong password"}) {
    EXPECT_THROW(host.run_job("deliver", {{"message_id", id}}), Problem);
    EXPECT_EQ(status(id), "queued");
    EXPECT_EQ(message(id)["reply"], reply);
  }
  host.run_job("deliver", {{"message_id", id}});
  EXPECT_EQ(status(id), "sent");
  EXPECT_EQ(message(id)["attempts"], 5);
}

TEST_F(Mail, is_given_up_after_the_last_attempt_and_can_be_sent_again) {
  server_says({SmtpOutcome::deferred, SmtpStage::connect, 421, "4.3.2 Closed"});
  const auto id = send(letter());
  for (int i = 0; i < 20 && status(id) == "queued"; ++i) {
    host.run_jobs();
    host.advance(std::chrono::hours(2));
  }
  EXPECT_EQ(status(id), "failed");
  EXPECT_EQ(host.mails().size(), 16);
  EXPECT_EQ(host.events().back().type, "mail.failed");
  server_says({SmtpOutcome::accepted, SmtpStage::content, 250, "Ok"});
  EXPECT_EQ(host.post("/api/v1/mail/messages/" + id + "/resend").status, 202);
  EXPECT_EQ(host.post("/api/v1/mail/messages/" + id + "/resend").status, 202);  // queued it stays
  EXPECT_EQ(status(id), "queued");
  host.run_jobs();
  EXPECT_EQ(status(id), "sent");
  const auto again = host.post("/api/v1/mail/messages/" + id + "/resend");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "not_failed");
  EXPECT_EQ(host.post("/api/v1/mail/messages/unknown/resend").status, 404);
}

TEST_F(Mail, that_finds_nobody_is_a_bounce_and_the_last_one) {
  server_says({SmtpOutcome::refused, SmtpStage::recipient, 550, "5.1.1 Nobody"});
  const auto id = send(letter());
  host.run_jobs();
  EXPECT_EQ(status(id), "bounced");
  const auto next = host.call_service("mail.send/1", letter({{"to", "ANNA@example.com"}}));
  EXPECT_EQ(next["status"], "suppressed");
  EXPECT_EQ(host.run_jobs(), 0);
  EXPECT_EQ(host.mails().size(), 1);
  EXPECT_EQ(host.metric("suppressed_total"), 1);
  // Lifted by hand, it is mailed again.
  server_says({SmtpOutcome::accepted, SmtpStage::content, 250, "Ok"});
  ASSERT_EQ(host.del("/api/v1/mail/suppressions/anna@example.com").status, 204);
  const auto later = send(letter());
  host.run_jobs();
  EXPECT_EQ(status(later), "sent");
}

TEST_F(Mail, that_is_refused_for_another_reason_blames_no_address) {
  for (const SmtpResult& result :
       {SmtpResult{SmtpOutcome::refused, SmtpStage::recipient, 550, "5.7.1 Policy"},
        SmtpResult{SmtpOutcome::refused, SmtpStage::recipient, 552, "5.2.2 Full"},
        SmtpResult{SmtpOutcome::refused, SmtpStage::content, 554, "5.7.1 Spam"},
        SmtpResult{SmtpOutcome::refused, SmtpStage::sender, 550, "5.1.8 Sender"}}) {
    server_says(result);
    const auto id = send(letter());
    host.run_jobs();
    EXPECT_EQ(status(id), "failed") << result.reply;
  }
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
}

TEST_F(Mail, of_a_queue_is_not_sent_to_who_was_suppressed_meanwhile) {
  const auto id = send(letter());
  host.post("/api/v1/mail/suppressions", {{"address", "anna@example.com"}});
  host.run_jobs();
  EXPECT_EQ(status(id), "suppressed");
  EXPECT_TRUE(host.mails().empty());
}

TEST_F(Mail, has_a_limit_for_each_day) {
  host.set_setting("daily_limit", 2);
  send(letter());
  send(letter());
  EXPECT_EQ(refusal(letter()), "429 daily_limit");
  EXPECT_EQ(host.get("/api/v1/mail/messages").json()["total"], 2);
  EXPECT_EQ(host.get("/api/v1/mail/status").json()["data"]["sent_today"], 2);
  host.advance(std::chrono::hours(25));
  EXPECT_EQ(refusal(letter()), "");
  host.set_setting("daily_limit", 0);
  host.advance(std::chrono::hours(25));
  EXPECT_EQ(refusal(letter()), "429 daily_limit");
}

TEST_F(Mail, is_refused_until_it_is_set_up) {
  host.set_setting("transport", "none");
  EXPECT_EQ(refusal(letter()), "503 mail_not_configured");
  host.set_setting("transport", "smtp").set_setting("from_email", "");
  EXPECT_EQ(refusal(letter()), "503 mail_not_configured");
  EXPECT_EQ(host.get("/api/v1/mail/status").json()["data"]["configured"], false);
}

// Whoever hands a mail over hears it then, not when all attempts are over.
TEST_F(Mail, is_refused_while_its_server_or_its_key_is_missing) {
  const auto answer = [&] {
    const bool configured = host.get("/api/v1/mail/status").json()["data"]["configured"];
    return std::pair(refusal(letter()), configured);
  };
  const std::pair refused(std::string("503 mail_not_configured"), false),
      taken(std::string(), true);
  EXPECT_EQ(answer(), taken);
  host.set_setting("smtp_user", "lagoon");
  EXPECT_EQ(answer(), refused);
  host.set_secret("smtp_password", "of the relay");
  EXPECT_EQ(answer(), taken);
  host.set_setting("smtp_url", "");
  EXPECT_EQ(answer(), refused);
  host.set_setting("transport", "sendgrid");
  EXPECT_EQ(answer(), refused);
  host.set_secret("sendgrid_api_key", "SG.of-the-subuser");
  EXPECT_EQ(answer(), taken);
}

TEST_F(Mail, by_sendgrid_is_what_its_document_says) {
  host.set_setting("transport", "sendgrid").set_secret("sendgrid_api_key", "SG.of-the-subuser");
  host.on_http("https://api.sendgrid.com/v3/mail/send",
               {.status = 202, .body = "", .headers = {{"X-Message-Id", "sg-1"}}});
  const auto id = send(letter(
      {{"html", "<p>x</p>"},
       {"reply_to", "sales@lagoon.example"},
       {"in_reply_to", "<a@b.example>"},
       {"categories", {"quote"}},
       {"attachments", {{{"name", "a.pdf"}, {"type", "application/pdf"}, {"content", "aGk="}}}}}));
  host.run_jobs();
  EXPECT_EQ(status(id), "sent");
  EXPECT_EQ(message(id)["provider_id"], "sg-1");
  const auto asked = host.http_requests().back();
  EXPECT_NE(
      std::find(asked.headers.begin(), asked.headers.end(),
                std::pair<std::string, std::string>("authorization", "Bearer SG.of-the-subuser")),
      asked.headers.end());
  const auto body = Json::parse(asked.body);
  EXPECT_EQ(body["personalizations"][0]["to"][0]["email"], "anna@example.com");
  EXPECT_EQ(body["personalizations"][0]["custom_args"]["serai_message"], id);
  EXPECT_EQ(body["from"], (Json{{"email", "desk@lagoon.example"}, {"name", "Blue Lagoon"}}));
  EXPECT_EQ(body["reply_to"]["email"], "sales@lagoon.example");
  EXPECT_EQ(body["content"][0], (Json{{"type", "text/plain"}, {"value", "Good day"}}));
  EXPECT_EQ(body["content"][1]["type"], "text/html");
  EXPECT_EQ(body["headers"]["Message-ID"], "<" + id + "@lagoon.example>");
  EXPECT_EQ(body["headers"]["In-Reply-To"], "<a@b.example>");
  EXPECT_EQ(body["categories"], Json({"quote"}));
  EXPECT_EQ(body["attachments"][0], (Json{{"content", "aGk="},
                                          {"type", "application/pdf"},
                                          {"filename", "a.pdf"},
                                          {"disposition", "attachment"}}));
}

TEST_F(Mail, by_sendgrid_of_a_picture_alone_has_no_empty_part) {
  host.set_setting("transport", "sendgrid").set_secret("sendgrid_api_key", "SG.x");
  host.on_http("https://api.sendgrid.com/", {.status = 202, .body = ""});
  send(
      {{"to", "a@b.example"}, {"subject", "x"}, {"html", "<img src=\"https://x.example/a.png\">"}});
  host.run_jobs();
  const auto content = Json::parse(host.http_requests().back().body)["content"];
  ASSERT_EQ(content.size(), 1);
  EXPECT_EQ(content[0]["type"], "text/html");
}

TEST_F(Mail, by_sendgrid_may_be_a_template_of_its_own) {
  host.set_setting("transport", "sendgrid").set_secret("sendgrid_api_key", "SG.x");
  host.on_http("https://api.sendgrid.com/", {.status = 202, .body = ""});
  send({{"to", "a@b.example"}, {"sendgrid_template", "d-123"}, {"data", {{"n", 1}}}});
  host.run_jobs();
  const auto body = Json::parse(host.http_requests().back().body);
  EXPECT_EQ(body["template_id"], "d-123");
  EXPECT_EQ(body["personalizations"][0]["dynamic_template_data"]["n"], 1);
  EXPECT_FALSE(body.contains("content"));
}

TEST_F(Mail, by_sendgrid_survives_all_it_may_answer) {
  host.set_setting("transport", "sendgrid").set_secret("sendgrid_api_key", "SG.x");
  struct Case {
    serai::testing::HttpAnswer answer;
    const char *status, *reply;
  };
  for (const auto& [answer, expected, reply] :
       {Case{{.status = 400, .body = R"({"errors":[{"message":"Bad from"}]})"},
             "failed",
             "400 Bad from"},
        Case{{.status = 413, .body = "<html>"}, "failed", "413 SendGrid answered 413."},
        Case{{.status = 401, .body = R"({"errors":[]})"}, "queued", "401 SendGrid answered 401."},
        Case{{.status = 429, .body = "[]"}, "queued", "429 SendGrid answered 429."},
        Case{{.status = 500, .body = "\xff\xfe"}, "queued", "500 SendGrid answered 500."},
        Case{{.status = 200, .body = R"({"errors":5})"}, "queued", "200 SendGrid answered 200."},
        Case{{.failure = SERAI_E_UNAVAILABLE}, "queued", "The other side does not answer."}}) {
    host.next_http(answer);
    const auto id = send(letter());
    try {
      host.run_job("deliver", {{"message_id", id}});
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.code, "mail_postponed");
    }
    EXPECT_EQ(status(id), expected) << reply;
    EXPECT_EQ(message(id)["reply"], reply);
  }
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
}

}  // namespace
}  // namespace mail_test
