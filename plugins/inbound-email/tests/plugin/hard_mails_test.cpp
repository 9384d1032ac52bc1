// Mails as they come on a bad day, each as a whole: what is stored, what a consultant sees, who is
// told what. The bounds of single headers and parts: tests/message.
#include "inbound_fixture.hpp"

namespace inbound_test {
namespace {

struct HardMail {
  const char* name;
  std::string raw;
  const char* refused;  // part of the reason; empty: it becomes a ticket
  const char* text;     // part of the ticket's message
  const char* remark;   // part of a remark; empty: none is needed
};

std::string head(const std::string& more) {
  return "From: Anna <anna@example.org>\r\nMessage-ID: <h@x>\r\n" + more;
}
std::string part(const std::string& headers, const std::string& body) {
  return "--sep\r\n" + headers + "\r\n\r\n" + body + "\r\n";
}
std::string mixed(const std::string& parts) {
  return head("Subject: Mixed\r\nContent-Type: multipart/mixed; boundary=sep\r\n\r\n") + parts +
         "--sep--\r\n";
}
std::string without_end(const std::string& mail) { return mail.substr(0, mail.rfind("--sep--")); }
std::string nested(int depth) {
  std::string inner = "From: z@example.org\r\nSubject: innermost\r\n\r\ntwo adults\r\n";
  for (int i = 0; i < depth; ++i)
    inner = "From: f" + std::to_string(i) +
            "@example.org\r\nSubject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n" + inner;
  return inner;
}

std::vector<HardMail> hard_mails() {
  const std::string many_hops = [] {
    std::string hops;
    for (int i = 0; i < 60; ++i) hops += "Received: from a by b\r\n";
    return hops;
  }();
  return {
      {"no_subject", head("\r\nhello"), "", "hello", ""},
      {"no_body", head("Subject: Only this\r\n\r\n"), "", "", "no text of its own"},
      {"no_blank_line_after_the_headers", head("Subject: Cut"), "", "", "no text of its own"},
      {"html_only",
       head("Content-Type: text/html\r\n\r\n") +
           "<style>p{}</style><p>Two <b>adults</b></p><script>alert(1)</script>",
       "", "Two adults", ""},
      {"broken_html", head("Content-Type: text/html\r\n\r\n") + "<td><p>Two <b>adults<td></i", "",
       "Two adults", ""},
      {"charset_that_is_none",
       head("Content-Type: text/plain; charset=klingon\r\n\r\n") + "caf\xE9 for two", "",
       "café for two", ""},
      {"charset_that_lies",
       head("Content-Type: text/plain; charset=utf-8\r\n\r\n") + "caf\xE9 for two", "", "for two",
       ""},
      {"utf_16",
       head("Content-Type: text/plain; charset=utf-16le\r\n\r\n") + std::string("h\0i\0", 4), "",
       "hi", ""},
      {"zero_bytes", head("\r\n") + std::string("two\0adults", 10), "", "two", ""},
      {"base64_that_breaks_off",
       head("Content-Transfer-Encoding: base64\r\n\r\n") + "dHdvIGFkdWx0cw=\r\n!!", "",
       "two adults", ""},
      {"quoted_printable_that_lies",
       head("Content-Transfer-Encoding: quoted-printable\r\n\r\n") + "two=ZZ adults=", "", "adults",
       ""},
      {"boundary_that_never_comes",
       head("Content-Type: multipart/mixed; boundary=nowhere\r\n\r\n") + "two adults", "",
       "two adults", ""},
      {"last_boundary_missing", without_end(mixed(part("Content-Type: text/plain", "two adults"))),
       "", "two adults", ""},
      {"winmail_dat",
       mixed(part("Content-Type: text/plain", "see below") +
             part("Content-Type: application/ms-tnef; name=winmail.dat\r\n"
                  "Content-Transfer-Encoding: base64",
                  "eJ8+IgAAAA==")),
       "", "see below", "winmail.dat"},
      {"winmail_dat_alone",
       head("Content-Type: application/ms-tnef; name=winmail.dat\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\neJ8+IgAAAA==\r\n"),
       "", "", "winmail.dat"},
      {"forwarded_five_deep",
       mixed(part("Content-Type: text/plain", "see the forwarded mail") +
             part("Content-Type: message/rfc822", nested(5))),
       "", "see the forwarded", ""},
      {"header_of_bare_line_feeds", "From: anna@example.org\nSubject: Unix\n\ntwo adults\n", "",
       "two adults", ""},
      {"two_senders", "From: a@example.org, b@example.org\r\n\r\nhi", "", "hi", ""},
      {"web_form",
       "From: sales@tenant.example\r\nReply-To: Carl <carl@example.org>\r\n"
       "Auto-Submitted: auto-generated\r\n\r\n2 adults to Zanzibar",
       "", "2 adults", ""},
      {"own_address", "From: info@tenant.example\r\n\r\nhi", "own address", "", ""},
      {"loop", head(many_hops + "\r\nhi"), "loop", "", ""},
      {"no_sender", "Subject: hi\r\n\r\nwho am I", "no sender", "", ""},
      {"no_mail_at_all", "GET / HTTP/1.1", "no mail", "", ""},
      {"nothing", "", "no mail", "", ""},
      {"groups",
       "From: a@b.example\r\nTo: " +
           [] {
             std::string groups;
             for (int i = 0; i < 200; ++i) groups += "g:";
             return groups;
           }() +
           "\r\n\r\nx",
       "groups", "", ""},
      {"header_too_long", "From: a@b.example\r\nX: " + std::string(40'000, 'x') + "\r\n\r\nhi",
       "too long", "", ""},
      {"out_of_office", head("Auto-Submitted: auto-replied\r\n\r\naway"), "automatic reply", "",
       ""},
      {"vacation", head("Precedence: auto_reply\r\n\r\naway"), "automatic reply", "", ""},
      {"receipt",
       head("Content-Type: multipart/report; report-type=disposition-notification; "
            "boundary=sep\r\n\r\n") +
           part("Content-Type: text/plain", "was read") + "--sep--\r\n",
       "automatic reply", "", ""},
      {"newsletter", head("List-Unsubscribe: <mailto:x@y.example>\r\n\r\nbuy"), "", "buy", ""},
  };
}

class HardMails : public InboundEmail, public testing::WithParamInterface<std::size_t> {};

TEST_P(HardMails, end_as_they_should) {
  const auto mail = hard_mails()[GetParam()];
  SCOPED_TRACE(mail.name);
  deliver(mail.raw);
  if (*mail.refused != '\0') {
    EXPECT_EQ(tickets()["total"], 0);
    ASSERT_EQ(refused().size(), 1);
    EXPECT_THAT(refused()[0]["reason"].get<std::string>(), HasSubstr(mail.refused));
    return;
  }
  EXPECT_TRUE(refused().empty()) << refused();
  ASSERT_EQ(tickets()["total"], 1);
  const auto ticket = only_ticket();
  EXPECT_THAT(ticket["message"].get<std::string>(), HasSubstr(mail.text));
  EXPECT_EQ(ticket["message"].get<std::string>().find("alert"), std::string::npos);
  if (*mail.remark != '\0') {
    EXPECT_THAT(ticket["metadata"]["remarks"].dump(), HasSubstr(mail.remark));
  }
  // The same message again, by another way: what names itself is known again.
  deliver("Received: again\r\n" + mail.raw);
  EXPECT_EQ(tickets()["total"], mail.raw.find("Message-ID") == std::string::npos ? 2 : 1);
}

INSTANTIATE_TEST_SUITE_P(Each, HardMails, testing::Range(std::size_t{0}, hard_mails().size()),
                         [](const auto& one) { return hard_mails()[one.param].name; });

TEST_F(InboundEmail, takes_25_megabytes_and_refuses_what_is_larger) {
  const auto large = [](std::size_t size) {
    std::string lines;
    while (lines.size() < size) lines += std::string(76, 'A') + "\r\n";
    return mixed(part("Content-Type: text/plain", "see attached") +
                 part("Content-Type: application/pdf; name=big.pdf\r\n"
                      "Content-Transfer-Encoding: base64",
                      lines));
  };
  deliver(large(25U << 20U));
  ASSERT_EQ(tickets()["total"], 1);
  const auto attached = only_ticket()["conversation"][0]["attachments"][0];
  EXPECT_GT(attached["size"].get<std::size_t>(), 18U << 20U);
  EXPECT_TRUE(host.blob(attached["blob"].get<std::string>()));
  host.as_nobody();
  const auto reply =
      host.request("POST", address, large(31U << 20U), {{"content-type", "message/rfc822"}});
  EXPECT_THAT(reply.body, HasSubstr("too large")) << reply.status;
  sign_in();
  EXPECT_EQ(tickets()["total"], 1);
}

TEST_F(InboundEmail, keeps_two_hundred_attachments) {
  std::string parts = part("Content-Type: text/plain", "our passports");
  for (int i = 0; i < 200; ++i)
    parts += part("Content-Type: application/pdf; name=p" + std::to_string(i) + ".pdf",
                  "%PDF-1.7 " + std::to_string(i));
  deliver(mixed(parts));
  EXPECT_EQ(only_ticket()["conversation"][0]["attachments"].size(), 200);
}

TEST_F(InboundEmail, poison_blocks_nobody) {
  for (int i = 0; i < 5; ++i) deliver("poison " + std::to_string(i));
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(refused().size(), 5);
}

TEST_F(InboundEmail, an_automatic_reply_joins_its_ticket_and_sets_nothing_going) {
  offer("notifications.notify/1", {{"id", "n"}});
  deliver(mail("1@x", "Zanzibar", "2 adults"));
  const auto path = kTickets + "/" + only_id();
  EXPECT_EQ(host.patch(path, {{"status", "closed"}}).status, 200);
  deliver(
      mail("2@x", "Away", "I am away", "Auto-Submitted: auto-replied\r\nReferences: <1@x>\r\n"));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(only_ticket()["status"], "closed");
  EXPECT_EQ(only_ticket()["conversation"].back()["role"], "system");
  EXPECT_EQ(calls["notifications.notify/1"].size(), 1);
}

// What a server sends back of the mail with that id.
std::string report(const std::string& returned, const std::string& status,
                   const std::string& recipient = "anna@example.org") {
  return "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <" + returned + status + recipient +
         ">\r\nSubject: Undelivered\r\nContent-Type: multipart/report; "
         "report-type=delivery-status; boundary=sep\r\n\r\n" +
         part("Content-Type: text/plain", "Sorry") +
         part("Content-Type: message/delivery-status",
              "Final-Recipient: rfc822; " + recipient + "\r\nAction: failed\r\nStatus: " + status) +
         part("Content-Type: text/rfc822-headers",
              "From: sales@tenant.example\r\nMessage-Id: <" + returned + "@tenant.example>") +
         "--sep--\r\n";
}

class Bounces : public InboundEmail {
 protected:
  Bounces() {
    deliver(mail("1@x", "Zanzibar", "2 adults"));
    id = only_id();
    offer("mail.send/1", {{"message_id", kSent}, {"status", "queued"}});
    offer("mail.bounced/1", {{"suppressed", "anna@example.org"}});
    host.on_service("mail.get/1", [](const Json& asked) -> Json {
      if (asked["message_id"] != kSent) throw serai::not_found("The mail");
      return {{"message_id", kSent}, {"recipient", "anna@example.org"}};
    });
    EXPECT_EQ(host.post(kTickets + "/" + id + "/reply", {{"message", "Hello"}}).status, 200);
  }
  static constexpr const char* kSent = "0196f000-0000-7000-8000-00000000000a";
  std::string id;
};

TEST_F(Bounces, of_our_own_mail_is_handed_over_and_noted) {
  deliver(report(kSent, "5.1.1"));
  ASSERT_EQ(calls["mail.bounced/1"].size(), 1);
  EXPECT_EQ(calls["mail.bounced/1"][0]["address"], "anna@example.org");
  EXPECT_EQ(calls["mail.bounced/1"][0]["message_id"], kSent);
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_THAT(show(id)["conversation"].back()["content"].get<std::string>(), HasSubstr("5.1.1"));
  EXPECT_TRUE(refused().empty());
}

TEST_F(Bounces, nobody_is_silenced_by_a_forged_or_passing_one) {
  deliver(report("0196f000-0000-7000-8000-00000000000b", "5.1.1"));  // never sent
  deliver(report(kSent, "5.1.1", "victim@example.org"));             // sent to somebody else
  deliver(report(kSent, "4.2.2"));                                   // it may still come
  deliver("From: MAILER-DAEMON@mx.example\r\n\r\nYour mail was bad.");
  EXPECT_TRUE(calls["mail.bounced/1"].empty());
  EXPECT_EQ(refused().size(), 4);
  EXPECT_EQ(tickets()["total"], 1);
}

}  // namespace
}  // namespace inbound_test
