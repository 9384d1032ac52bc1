// Mail to a real server that refuses, drops and keeps waiting.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "fakes/smtp_fake.hpp"
#include "plugins/outbound.hpp"
#include "serai/abi/smtp.h"
#include "support/smtp_server.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using fakes::SmtpFake;
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

// A server as it should be, without TLS, but for one command.
SmtpFake::Script with(const std::string& command, const std::optional<std::string>& answer) {
  return [=](const std::string& line) -> std::optional<std::string> {
    const auto word = line.substr(0, line.find_first_of(" :"));
    if (word == command) return answer;
    if (line.empty()) return "220 fake ESMTP\r\n";
    if (word == "EHLO") return "250-fake\r\n250 SIZE 1000000\r\n";
    if (word == "DATA") return "354 Go on\r\n";
    if (word == "QUIT") return "221 Bye\r\n";
    return "250 2.0.0 Fine\r\n";
  };
}
const char* const kCommands[] = {"", "EHLO", "MAIL", "RCPT", "DATA", "."};

struct BadServer : OutboundSmtp {
  Submission in_the_clear(const SmtpFake& fake) {
    auto made = to("anna@example.com", fake.url());
    made.user.clear();
    made.require_tls = false;
    made.timeout = std::chrono::milliseconds(300);
    return made;
  }
  // What becomes of a mail when `command` is answered so: the problem, or "unknown".
  std::string fate(const std::string& command, const std::optional<std::string>& answer) {
    const SmtpFake fake(with(command, answer));
    try {
      const auto reply = lax.submit(in_the_clear(fake), tally);
      return reply.outcome == SERAI_SMTP_UNKNOWN
                 ? "unknown"
                 : std::to_string(reply.code) + " at " + std::to_string(reply.stage);
    } catch (const Problem& problem) {
      return problem.code();
    }
  }
  Outbound lax{OutboundPolicy{true, true, server().authority()}};  // plain text is allowed
};

TEST_F(BadServer, that_is_none_takes_the_mail_in_the_clear_where_that_is_allowed) {
  const SmtpFake fake(with("NOOP", ""));
  EXPECT_EQ(lax.submit(in_the_clear(fake), tally).outcome, SERAI_SMTP_ACCEPTED);
  const auto heard = fake.heard();
  const auto said = [&](const std::string& start) {
    return std::any_of(heard.begin(), heard.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
  };
  EXPECT_TRUE(said("MAIL FROM:<desk@sender.example>"));
  EXPECT_TRUE(said("...two")) << "dots are doubled";
}

TEST_F(BadServer, that_falls_silent_is_left_when_time_is_up) {
  for (const std::string command : kCommands)
    EXPECT_EQ(fate(command, std::nullopt), command == "." ? "unknown" : "timed_out") << command;
}

TEST_F(BadServer, that_hangs_up_is_tried_again_later) {
  for (const std::string command : kCommands)
    EXPECT_EQ(fate(command, ""), command == "." ? "unknown" : "unreachable") << command;
}

TEST_F(BadServer, that_refuses_is_quoted_with_what_it_refused) {
  const char* const stages[] = {"0", "0", "2", "3", "4", "4"};
  for (std::size_t i = 0; i < std::size(kCommands); ++i) {
    if (kCommands[i] == std::string("EHLO")) continue;  // HELO is tried then
    EXPECT_EQ(fate(kCommands[i], "554 5.3.2 Not today\r\n"), std::string("554 at ") + stages[i]);
    EXPECT_EQ(fate(kCommands[i], "421-4.3.2 Not\r\n421 4.3.2 today\r\n"),
              std::string("421 at ") + stages[i]);
  }
}

TEST_F(BadServer, that_talks_rubbish_is_no_reason_to_believe_it) {
  std::string endless;
  while (endless.size() < (8u << 20)) endless += "250-and so on\r\n";
  for (const std::string command : kCommands)
    for (const std::string& rubbish :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\0\xff\xfe\r\n", 5),
          std::string("99999999999999999999 x\r\n"), std::string(1 << 20, 'x'), endless}) {
      const auto became = fate(command, rubbish);
      if (command == ".")
        EXPECT_EQ(became, "unknown") << rubbish.substr(0, 20);
      else
        EXPECT_TRUE(became == "timed_out" || became == "unreachable") << command << ": " << became;
    }
}

TEST_F(BadServer, that_has_taken_a_mail_over_and_does_not_say_goodbye_has_taken_it_over) {
  EXPECT_EQ(fate("QUIT", std::nullopt), "250 at 4");
  EXPECT_EQ(fate("QUIT", ""), "250 at 4");
}

TEST_F(BadServer, that_offers_no_tls_hears_neither_login_nor_mail) {
  for (const auto* hello :
       {"250-fake\r\n250 AUTH PLAIN LOGIN\r\n",
        // Offered, but not done: refused, or more said before TLS than was asked.
        "250-fake\r\n250 STARTTLS\r\n"})
    for (const auto* start : {"454 4.7.0 Not now\r\n", "220 Go on\r\n250 I was never asked\r\n"}) {
      const SmtpFake fake([&](const std::string& line) -> std::optional<std::string> {
        if (line.starts_with("EHLO")) return hello;
        if (line.starts_with("STARTTLS")) return start;
        return with("NOOP", "")(line);
      });
      auto made = in_the_clear(fake);
      made.user = "relay";
      made.require_tls = true;
      try {
        EXPECT_EQ(lax.submit(made, tally).outcome, SERAI_SMTP_DEFERRED) << hello << start;
      } catch (const Problem& problem) {
        EXPECT_EQ(problem.code(), "unreachable") << hello << start;
      }
      for (const auto& line : fake.heard())
        EXPECT_FALSE(line.starts_with("AUTH") || line.starts_with("MAIL")) << line;
    }
}

TEST_F(BadServer, that_is_none_may_know_one_way_of_login_only) {
  for (const std::string way : {"PLAIN", "LOGIN"}) {
    int words = 0;
    const SmtpFake fake([&](const std::string& line) -> std::optional<std::string> {
      if (line.starts_with("EHLO")) return "250-fake\r\n250 AUTH " + way + "\r\n";
      if (line.starts_with("AUTH LOGIN") || (words == 1 && way == "LOGIN")) {
        ++words;
        return "334 VXNlcm5hbWU6\r\n";
      }
      if (line.starts_with("AUTH PLAIN") && line.size() <= 11) return "334 \r\n";
      if (!line.starts_with("MAIL") && words == 2) {
        words = 0;
        return "235 2.7.0 Welcome\r\n";
      }
      if (line.starts_with("AUTH PLAIN ") || line == "AHJlbGF5AHNlY3JldA==")
        return "235 2.7.0 Welcome\r\n";
      return with("NOOP", "")(line);
    });
    auto made = in_the_clear(fake);
    made.user = "relay";
    made.password = "secret";
    EXPECT_EQ(lax.submit(made, tally).outcome, SERAI_SMTP_ACCEPTED) << way;
    const auto heard = fake.heard();
    const auto said = [&](const std::string& text) {
      return std::any_of(heard.begin(), heard.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
      });
    };
    if (way == "PLAIN")
      EXPECT_TRUE(said("AHJlbGF5AHNlY3JldA=="));  // NUL relay NUL secret
    else
      EXPECT_TRUE(said("cmVsYXk=") && said("c2VjcmV0"));
  }
}

TEST_F(OutboundSmtp, leaves_a_dead_server_alone_for_a_while) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(refusal(to("anna@example.com", "smtp://localhost:1")), "503 unreachable");
  EXPECT_EQ(refusal(to("anna@example.com", "smtp://localhost:1")), "503 circuit_open");
}

}  // namespace
}  // namespace host::plugins
