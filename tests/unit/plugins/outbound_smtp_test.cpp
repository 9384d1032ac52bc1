// Mail to a real server that refuses, drops and keeps waiting.
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "plugins/outbound.hpp"
#include "serai/abi/smtp.h"
#include "support/smtp_server.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using serai_test::SmtpServer;
using testing::World;

SmtpServer& server() {
  static SmtpServer one;
  return one;
}

struct OutboundSmtp : ::testing::Test {
  Submission to(const std::string& recipient, const std::string& url = server().url()) {
    Submission made;
    made.plugin = "alpha";
    made.url = url;
    made.user = server().user();
    made.password = server().password();
    made.sender = "desk@sender.example";
    made.recipients = {recipient};
    made.content = "Subject: Hello\r\n\r\nOne\r\n.\r\n..two\r\n";
    made.deadline = World::in(60);
    bool plain = false;
    made.hosts.allowed = {mail_host_and_port(url, plain)};
    return made;
  }
  SubmissionReply submit(const Submission& made) { return outbound.submit(made, tally); }
  std::string refusal(const Submission& made) {
    try {
      outbound.submit(made, tally);
    } catch (const Problem& problem) {
      return std::to_string(problem.status()) + " " + problem.code();
    }
    return "";
  }
  OutboundTally tally;
  Outbound outbound{OutboundPolicy{true, false, server().authority()}};
};

TEST_F(OutboundSmtp, hands_a_mail_over_after_starttls_and_login) {
  const auto reply = submit(to("anna@example.com"));
  EXPECT_EQ(reply.outcome, SERAI_SMTP_ACCEPTED) << reply.text;
  EXPECT_EQ(reply.code, 250);
  EXPECT_EQ(reply.text, "OK: message queued");
  const auto mail = server().next();
  EXPECT_EQ(mail["secure"], true);
  EXPECT_EQ(mail["user"], server().user());
  EXPECT_EQ(mail["from"], "desk@sender.example");
  // Subject: Hello, One, ., ..two: a line of one dot ends no mail.
  EXPECT_EQ(mail["data"], "U3ViamVjdDogSGVsbG8NCg0KT25lDQouDQouLnR3bw0K");
  EXPECT_EQ(tally.attempts, 1u);
  EXPECT_GT(tally.bytes, 30);
}

TEST_F(OutboundSmtp, speaks_tls_from_the_first_byte) {
  EXPECT_EQ(submit(to("anna@example.com", server().secure_url())).code, 250);
  EXPECT_EQ(server().next()["secure"], true);
}

TEST_F(OutboundSmtp, tells_what_a_refusal_answers) {
  struct Case {
    const char* to;
    int outcome, code;
    unsigned stage;
    const char* text;
  };
  for (const auto& [recipient, outcome, code, stage, text] :
       {Case{"nobody@example.com", SERAI_SMTP_REFUSED, 550, SERAI_SMTP_AT_RECIPIENT, "5.1.1 "},
        Case{"later@example.com", SERAI_SMTP_DEFERRED, 451, SERAI_SMTP_AT_RECIPIENT, "4.3.0 "},
        Case{"spam@example.com", SERAI_SMTP_REFUSED, 554, SERAI_SMTP_AT_CONTENT, "5.7.1 "}}) {
    const auto reply = submit(to(recipient));
    EXPECT_EQ(reply.outcome, outcome) << recipient;
    EXPECT_EQ(reply.code, code) << recipient;
    EXPECT_EQ(reply.stage, stage) << recipient;
    EXPECT_TRUE(reply.text.starts_with(text)) << reply.text;
  }
  EXPECT_EQ(server().next()["code"], 550);
  EXPECT_EQ(server().next()["code"], 451);
}

TEST_F(OutboundSmtp, says_so_when_the_login_is_wrong) {
  auto made = to("anna@example.com");
  made.password = "another";
  const auto reply = submit(made);
  EXPECT_EQ(reply.outcome, SERAI_SMTP_REFUSED);
  EXPECT_EQ(reply.stage, static_cast<unsigned>(SERAI_SMTP_AT_LOGIN));
  EXPECT_EQ(reply.code, 535);
}

TEST_F(OutboundSmtp, does_not_know_what_became_of_a_mail_nobody_answered) {
  const auto lost = submit(to("lost@example.com"));
  EXPECT_EQ(lost.outcome, SERAI_SMTP_UNKNOWN);
  EXPECT_EQ(lost.code, 0);
  EXPECT_EQ(server().next()["to"][0], "lost@example.com");
  auto slow = to("slow@example.com");
  slow.timeout = std::chrono::milliseconds(1500);
  EXPECT_EQ(submit(slow).outcome, SERAI_SMTP_UNKNOWN);
  EXPECT_EQ(server().next()["to"][0], "slow@example.com");
}

TEST_F(OutboundSmtp, is_unavailable_when_a_session_ends_before_the_content) {
  EXPECT_EQ(refusal(to("drop@example.com")), "503 unreachable");
  auto nobody = to("anna@example.com", "smtp://localhost:1");
  EXPECT_EQ(refusal(nobody), "503 unreachable");
}

TEST_F(OutboundSmtp, sends_nothing_in_the_clear_and_to_nobody_unknown) {
  auto clear = to("anna@example.com");
  clear.require_tls = false;
  EXPECT_EQ(refusal(clear), "403 host_not_allowed");
  Outbound strangers{OutboundPolicy{true, false}};  // who vouches for the server is not known
  EXPECT_THROW(strangers.submit(to("anna@example.com"), tally), Problem);
  Outbound inside{OutboundPolicy{false, false, server().authority()}};
  try {
    inside.submit(to("anna@example.com"), tally);
    FAIL() << "A private address was used.";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.code(), "host_not_allowed");
  }
  auto other = to("anna@example.com");
  other.hosts.allowed = {"mail.example.com"};
  EXPECT_EQ(refusal(other), "403 host_not_allowed");
  auto denied = to("anna@example.com");
  denied.hosts.denied = {"localhost"};
  EXPECT_EQ(refusal(denied), "403 host_not_allowed");
}

TEST_F(OutboundSmtp, refuses_what_would_be_another_command_or_another_mail) {
  for (const char* address :
       {"a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "<a@b.example>", "a@b.example\n",
        "nobody", "@b.example", "a@", "\xc3\xa4@b.example"}) {
    EXPECT_EQ(refusal(to(address)), "400 bad_request") << address;
    auto made = to("anna@example.com");
    made.sender = address;
    EXPECT_EQ(refusal(made), "400 bad_request") << address;
  }
  for (const char* content :
       {"", "Subject: x\r\n\r\nno end", "a\r\n.\n b\r\n", "a\rb\r\n", "a\n\r\n.\r\n\n"}) {
    auto made = to("anna@example.com");
    made.content = content;
    EXPECT_EQ(refusal(made), "400 bad_request") << content;
  }
  auto nul = to("anna@example.com");
  nul.content = std::string_view("a\0b\r\n", 5);
  EXPECT_EQ(refusal(nul), "400 bad_request");
  for (const char* url :
       {"smtp://localhost/x", "http://localhost", "smtp://a:b@localhost", "smtp://localhost?x=y"}) {
    auto made = to("anna@example.com");
    made.url = url;
    EXPECT_EQ(refusal(made), "400 bad_request") << url;
  }
}

TEST_F(OutboundSmtp, leaves_a_dead_server_alone_for_a_while) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(refusal(to("anna@example.com", "smtp://localhost:1")), "503 unreachable");
  EXPECT_EQ(refusal(to("anna@example.com", "smtp://localhost:1")), "503 circuit_open");
}

}  // namespace
}  // namespace host::plugins
