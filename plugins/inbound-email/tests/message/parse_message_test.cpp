#include <gtest/gtest.h>

#include "message/message.hpp"

namespace inbound_test {
namespace {

using inbound::Message;
using inbound::Origin;
using inbound::parse_message;

const std::string kHead =
    "From: Anna Smit <Anna@Example.org>\r\nTo: Sales <sales@tenant.example>\r\n"
    "Message-ID: <one@example.org>\r\nDate: Tue, 10 Mar 2026 09:00:00 +0200\r\n";

Message plain(const std::string& headers, const std::string& body) {
  return parse_message(kHead + headers + "\r\n" + body);
}

std::string part(const std::string& headers, const std::string& body) {
  return "--sep\r\n" + headers + "\r\n\r\n" + body + "\r\n";
}

TEST(ParseMessage, a_plain_mail) {
  const auto mail = plain(
      "Subject: =?iso-8859-1?Q?Anfrage_f=FCr_M=E4rz?=\r\n"
      "In-Reply-To: <q1@tenant.example>\r\n"
      "References: <q0@tenant.example> <q1@tenant.example>\r\n"
      "Received: by a\r\nReceived: by b\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n",
      "Grüße\r\nAnna\r\n");
  EXPECT_EQ(mail.subject, "Anfrage für März");
  EXPECT_EQ(mail.from.name, "Anna Smit");
  EXPECT_EQ(mail.from.email, "anna@example.org");
  EXPECT_EQ(mail.reply_to.email, "anna@example.org");
  ASSERT_EQ(mail.to.size(), 1);
  EXPECT_EQ(mail.to[0].email, "sales@tenant.example");
  EXPECT_EQ(mail.message_id, "one@example.org");
  EXPECT_EQ(mail.in_reply_to, "q1@tenant.example");
  EXPECT_EQ(mail.references.size(), 2);
  EXPECT_EQ(mail.text, "Grüße\nAnna\n");
  EXPECT_EQ(mail.date, 1773126000);
  EXPECT_EQ(mail.origin, Origin::person);
  EXPECT_EQ(mail.hops, 2);
}

TEST(ParseMessage, html_alone_becomes_text) {
  const auto mail = plain("Content-Type: text/html; charset=utf-8\r\n", "<p>Two <b>adults</b></p>");
  EXPECT_EQ(mail.text, "Two adults\n\n");
  EXPECT_EQ(mail.html, "<p>Two <b>adults</b></p>");
}

TEST(ParseMessage, plain_text_is_preferred_to_its_html_twin) {
  const auto mail = plain("Content-Type: multipart/alternative; boundary=sep\r\n",
                          part("Content-Type: text/plain", "plain") +
                              part("Content-Type: text/html", "<p>rich</p>") + "--sep--\r\n");
  EXPECT_EQ(mail.text, "plain");
  EXPECT_EQ(mail.html, "<p>rich</p>");
  EXPECT_TRUE(mail.attachments.empty());
}

TEST(ParseMessage, attachments_are_judged_by_their_bytes) {
  const auto mail =
      plain("Content-Type: multipart/mixed; boundary=sep\r\n",
            part("Content-Type: text/plain", "see attached") +
                part("Content-Type: image/png\r\n"
                     "Content-Disposition: attachment; filename=\"../../etc/passport.png\"",
                     "%PDF-1.7 not a picture") +
                part("Content-Type: application/ms-tnef; "
                     "name=winmail.dat\r\nContent-Transfer-Encoding: base64",
                     "eJ8+IgAAAA==") +
                "--sep--\r\n");
  ASSERT_EQ(mail.attachments.size(), 2);
  EXPECT_EQ(mail.attachments[0].name, "passport.png");
  EXPECT_EQ(mail.attachments[0].declared, "image/png");
  EXPECT_EQ(mail.attachments[0].type, "application/pdf");
  EXPECT_EQ(mail.attachments[0].content, "%PDF-1.7 not a picture");
  EXPECT_EQ(mail.attachments[1].name, "winmail.dat");
  EXPECT_EQ(mail.attachments[1].type, "application/ms-tnef");
  EXPECT_EQ(mail.text, "see attached");
}

TEST(ParseMessage, a_forwarded_message_stays_whole) {
  const auto mail = plain("Content-Type: multipart/mixed; boundary=sep\r\n",
                          part("Content-Type: text/plain", "fyi") +
                              part("Content-Type: message/rfc822",
                                   "From: bob@example.org\r\nSubject: Old\r\n\r\ntwo adults") +
                              "--sep--\r\n");
  EXPECT_EQ(mail.text, "fyi");
  ASSERT_EQ(mail.attachments.size(), 1);
  EXPECT_EQ(mail.attachments[0].name, "Old.eml");
  EXPECT_NE(mail.attachments[0].content.find("two adults"), std::string::npos);
}

TEST(ParseMessage, tells_machines_from_people) {
  const auto origin = [](const std::string& headers) { return plain(headers, "x").origin; };
  EXPECT_EQ(origin("Auto-Submitted: auto-replied\r\n"), Origin::auto_reply);
  EXPECT_EQ(origin("Auto-Submitted: no\r\n"), Origin::person);
  EXPECT_EQ(origin("Auto-Submitted: auto-generated\r\n"), Origin::person);  // a web form
  EXPECT_EQ(origin("X-Autoreply: yes\r\n"), Origin::auto_reply);
  EXPECT_EQ(origin("Precedence: bulk\r\n"), Origin::bulk);
  EXPECT_EQ(origin("List-Unsubscribe: <mailto:x@example.org>\r\n"), Origin::bulk);
  EXPECT_EQ(parse_message("From: MAILER-DAEMON@mx.example\r\n\r\nx").origin, Origin::bounce);
}

TEST(ParseMessage, a_bounce_says_whom_it_did_not_reach) {
  const auto mail = plain(
      "Content-Type: multipart/report; report-type=delivery-status; boundary=sep\r\n",
      part("Content-Type: text/plain", "Sorry") +
          part("Content-Type: message/delivery-status",
               "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; jane@example.org\r\n"
               "Action: Failed\r\nStatus: 5.1.1\r\n") +
          "--sep--\r\n");
  EXPECT_EQ(mail.origin, Origin::bounce);
  ASSERT_TRUE(mail.bounce);
  EXPECT_EQ(mail.bounce->recipient, "jane@example.org");
  EXPECT_EQ(mail.bounce->action, "failed");
  EXPECT_EQ(mail.bounce->status, "5.1.1");
}

}  // namespace
}  // namespace inbound_test
