// The receiving side of SMTP and LMTP, fed whole and byte by byte.
#include "mail_in/smtp_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host::mail_in {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Plays the owner: judges by the recipient's address, takes every message.
class Talk {
 public:
  explicit Talk(Protocol protocol = Protocol::smtp, SmtpLimits limits = {})
      : session(protocol, limits, "mx.example.com") {}

  // What is said to those bytes, each code once a line. `step`: how many bytes at a time.
  std::vector<std::string> say(std::string_view bytes, std::size_t step) {
    while (!bytes.empty()) {
      auto piece = bytes.substr(0, step);
      bytes.remove_prefix(piece.size());
      for (auto event = session.next(piece); event != SmtpSession::Event::need_more;
           event = session.next(piece)) {
        if (event == SmtpSession::Event::close) {
          closed = true;
          break;
        }
        if (event == SmtpSession::Event::recipient) {
          session.answer(verdict_on(session.recipient().local));
        } else {
          mails.push_back(session.mail());
          session.answer(outcomes, "id-1");
        }
      }
      if (closed) break;
    }
    std::vector<std::string> lines;
    auto output = session.take_output();
    for (auto end = output.find("\r\n"); end != output.npos; end = output.find("\r\n")) {
      lines.push_back(output.substr(0, end));
      output.erase(0, end + 2);
    }
    EXPECT_EQ(output, "");
    return lines;
  }
  std::vector<std::string> say(std::string_view bytes) { return say(bytes, 1 << 20); }
  void greet() { say(protocol_hello()); }
  std::string protocol_hello() const { return "EHLO client.example\r\n"; }
  // To where the message begins.
  void begin(const std::string& hello = "EHLO a\r\n") {
    const auto said = say(hello + "MAIL FROM:<ann@there.example>\r\nRCPT TO:<x@y.z>\r\nDATA\r\n");
    EXPECT_THAT(said.back(), StartsWith("354 "));
  }
  // What was taken of a message sent like this.
  std::string message(std::string_view bytes, std::size_t step = 1 << 20) {
    begin();
    say(bytes, step);
    return mails.size() == 1 ? mails[0].bytes : "(" + std::to_string(mails.size()) + " mails)";
  }

  static Verdict verdict_on(const std::string& local) {
    if (local == "stranger") return Verdict::not_ours;
    if (local == "nobody") return Verdict::unknown;
    return local == "asleep" ? Verdict::later : Verdict::accept;
  }

  SmtpSession session;
  std::vector<Mail> mails;
  std::vector<Outcome> outcomes{Outcome::stored};
  bool closed = false;
};

const std::string kWhole =
    "EHLO client.example\r\nMAIL FROM:<ann@there.example> SIZE=99 BODY=8BITMIME\r\n"
    "RCPT TO:<lagoon@mail.example>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n";

TEST(SmtpSession, takes_a_mail_however_its_bytes_are_cut) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
    SCOPED_TRACE(step);
    Talk talk;
    EXPECT_THAT(talk.say(kWhole, step),
                ElementsAre("220 mx.example.com ESMTP", "250-mx.example.com", "250-PIPELINING",
                            "250-SIZE 26214400", "250-8BITMIME", "250 ENHANCEDSTATUSCODES",
                            "250 2.1.0 Go on", "250 2.1.5 Go on", StartsWith("354 "),
                            "250 2.0.0 Stored as id-1", "221 2.0.0 Goodbye"));
    EXPECT_TRUE(talk.closed);
    ASSERT_EQ(talk.mails.size(), 1);
    EXPECT_EQ(talk.mails[0].sender, "ann@there.example");
    EXPECT_THAT(talk.mails[0].recipients, ElementsAre(Address{"lagoon", "mail.example"}));
    EXPECT_EQ(talk.mails[0].bytes, "Subject: x\r\n\r\n.dot\r\n");
  }
}

TEST(SmtpSession, ends_a_message_with_cr_lf_dot_cr_lf_and_with_nothing_else) {
  const std::string hidden = "MAIL FROM:<eve@x.y>\r\nRCPT TO:<x@y.z>\r\nDATA\r\nevil\r\n";
  for (const std::string end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r",
                                "\r\n.\r\r\n", "\n\r.\r\n", "\r\n\0.\r\n"}) {
    for (const std::size_t step : {1U, 1000U}) {
      SCOPED_TRACE(testing::PrintToString(end));
      Talk talk;
      talk.begin();
      EXPECT_THAT(talk.say("one" + end + hidden, step), ElementsAre());
      EXPECT_THAT(talk.say("\r\n.\r\n", step), ElementsAre(StartsWith("250 ")));
      ASSERT_EQ(talk.mails.size(), 1);
      EXPECT_THAT(talk.mails[0].bytes, StartsWith("one"));
      EXPECT_THAT(talk.mails[0].bytes, HasSubstr("evil"));
    }
  }
}

TEST(SmtpSession, takes_the_dots_out_that_the_client_put_in) {
  EXPECT_EQ(Talk().message(".\r\n"), "");
  EXPECT_EQ(Talk().message("..\r\n.\r\n"), ".\r\n");
  EXPECT_EQ(Talk().message("...\r\na.b\r\n.c\r\n.\r\n"), "..\r\na.b\r\nc\r\n");
  EXPECT_EQ(Talk().message("\r\n\r\n.\r\n"), "\r\n\r\n");
  EXPECT_EQ(Talk().message("a\r\r\nb\rc\nd\r\n.\r\n", 1), "a\r\r\nb\rc\nd\r\n");
  const std::string bytes("\0\xff\x80\n", 4);
  EXPECT_EQ(Talk().message(bytes + "\r\n.\r\n"), bytes + "\r\n");
}

TEST(SmtpSession, keeps_the_order_of_a_mail) {
  Talk talk;
  EXPECT_THAT(talk.say("MAIL FROM:<a@b.c>\r\n").back(), StartsWith("503 "));
  talk.greet();
  EXPECT_THAT(talk.say("RCPT TO:<a@b.c>\r\nDATA\r\n"),
              ElementsAre(StartsWith("503 "), StartsWith("503 ")));
  EXPECT_THAT(talk.say("MAIL FROM:<a@b.c>\r\nMAIL FROM:<a@b.c>\r\nDATA\r\n"),
              ElementsAre(StartsWith("250 "), StartsWith("503 "), StartsWith("503 ")));
  EXPECT_THAT(
      talk.say("RSET\r\nRCPT TO:<a@b.c>\r\nNOOP\r\nVRFY root\r\n"),
      ElementsAre(StartsWith("250 "), StartsWith("503 "), StartsWith("250 "), StartsWith("252 ")));
  EXPECT_THAT(talk.say("STARTTLS\r\nAUTH PLAIN\r\nBDAT 5\r\nGET / HTTP/1.1\r\nLHLO x\r\nEHLO\r\n"),
              ElementsAre(StartsWith("502 "), StartsWith("502 "), StartsWith("502 "),
                          StartsWith("500 "), StartsWith("500 "), StartsWith("501 ")));
  EXPECT_THAT(talk.say("mail from: <a@b.c>\r\nrcpt to: <x@y.z>\r\nhelo again\r\ndata\r\n"),
              ElementsAre(StartsWith("250 "), StartsWith("250 "), "250 mx.example.com",
                          StartsWith("503 ")));
}

TEST(SmtpSession, says_of_each_recipient_what_its_owner_says) {
  Talk talk;
  talk.greet();
  EXPECT_THAT(talk.say("MAIL FROM:<>\r\nRCPT TO:<stranger@x.y>\r\nRCPT TO:<nobody@x.y>\r\n"
                       "RCPT TO:<asleep@x.y>\r\nRCPT TO:<here@x.y>\r\nDATA\r\nx\r\n.\r\n"),
              ElementsAre(StartsWith("250 "), StartsWith("550 5.7.1 "), StartsWith("550 5.1.1 "),
                          StartsWith("450 4.2.1 "), StartsWith("250 "), StartsWith("354 "),
                          StartsWith("250 ")));
  ASSERT_EQ(talk.mails.size(), 1);
  EXPECT_EQ(talk.mails[0].sender, "");
  EXPECT_THAT(talk.mails[0].recipients, ElementsAre(Address{"here", "x.y"}));
}

TEST(SmtpSession, refuses_addresses_and_parameters_it_does_not_know) {
  Talk talk;
  talk.greet();
  for (const std::string command :
       {"MAIL FROM:a@b.c", "MAIL FROM:<a>", "MAIL FROM:<a@b c>", "MAIL TO:<a@b.c>",
        "MAIL FROM:<a@b.c>SIZE=1", "MAIL FROM:<a@b.c> SIZE=", "MAIL FROM:<a@b.c> SIZE=1x"})
    EXPECT_THAT(talk.say(command + "\r\n"), ElementsAre(StartsWith("501 "))) << command;
  EXPECT_THAT(talk.say("MAIL FROM:<a@b.c> SMTPUTF8\r\nMAIL FROM:<a@b.c> RET=FULL\r\n"),
              ElementsAre(StartsWith("555 "), StartsWith("555 ")));
  EXPECT_THAT(talk.say("MAIL FROM:<\xc3\xa4@b.c>\r\n"), ElementsAre(StartsWith("500 ")));
  EXPECT_THAT(talk.say("MAIL FROM:<a@b.c> SIZE=99999999\r\n"
                       "MAIL FROM:<a@b.c> SIZE=99999999999999999999999\r\n"),
              ElementsAre(StartsWith("552 "), StartsWith("552 ")));
  EXPECT_THAT(
      talk.say("MAIL FROM:<\"a> b\"@b.c>\r\nRCPT TO:<@relay.x:x@Y.Z>\r\n"
               "RCPT TO:<Postmaster>\r\nRCPT TO:<a@b.c> NOTIFY=NEVER\r\n"),
      ElementsAre(StartsWith("250 "), StartsWith("250 "), StartsWith("250 "), StartsWith("555 ")));
  EXPECT_THAT(talk.session.mail().recipients,
              ElementsAre(Address{"x", "y.z"}, Address{"Postmaster", ""}));
  EXPECT_EQ(talk.session.mail().sender, "a> b@b.c");
}

TEST(SmtpSession, answers_lmtp_once_for_each_recipient) {
  Talk talk(Protocol::lmtp);
  EXPECT_THAT(talk.say("EHLO a\r\nHELO a\r\n"),
              ElementsAre("220 mx.example.com LMTP", StartsWith("500 "), StartsWith("500 ")));
  talk.say("LHLO a\r\nMAIL FROM:<a@b.c>\r\n");
  for (int i = 0; i < 5; ++i) talk.say("RCPT TO:<r" + std::to_string(i) + "@y.z>\r\n");
  talk.outcomes = {Outcome::stored, Outcome::later, Outcome::full, Outcome::refused};
  EXPECT_THAT(talk.say("DATA\r\nx\r\n.\r\n"),
              ElementsAre(StartsWith("354 "), "250 2.0.0 Stored as id-1", StartsWith("451 "),
                          StartsWith("452 "), StartsWith("554 "),
                          StartsWith("451 ")));  // of the fifth nothing was said
  EXPECT_THAT(
      talk.say("MAIL FROM:<a@b.c>\r\nRCPT TO:<r@y.z>\r\nRSET\r\nDATA\r\n"),
      ElementsAre(StartsWith("250 "), StartsWith("250 "), StartsWith("250 "), StartsWith("503 ")));
}

TEST(SmtpSession, answers_smtp_with_the_worst_so_that_nothing_is_lost) {
  const auto answer = [](std::vector<Outcome> outcomes) {
    Talk talk;
    talk.say("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<x@y.z>\r\nRCPT TO:<w@y.z>\r\n");
    talk.outcomes = std::move(outcomes);
    return talk.say("DATA\r\nx\r\n.\r\n").back().substr(0, 3);
  };
  EXPECT_EQ(answer({Outcome::stored, Outcome::stored}), "250");
  EXPECT_EQ(answer({Outcome::stored, Outcome::refused}), "554");
  EXPECT_EQ(answer({Outcome::refused, Outcome::later}), "451");
  EXPECT_EQ(answer({Outcome::too_large, Outcome::full}), "452");
  EXPECT_EQ(answer({}), "554");
}

TEST(SmtpSession, takes_no_message_beyond_its_limit) {
  SmtpLimits limits;
  limits.message = 100;
  const std::string full(98, 'x');
  Talk fits(Protocol::smtp, limits);
  EXPECT_EQ(fits.message(full + "\r\n.\r\n").size(), 100);
  for (const std::size_t step : {1U, 1000U}) {
    Talk talk(Protocol::smtp, limits);
    talk.begin();
    EXPECT_THAT(talk.say("x" + full + "\r\n.\r\n", step), ElementsAre(StartsWith("552 5.3.4 ")));
    EXPECT_TRUE(talk.mails.empty());
    EXPECT_EQ(talk.message(full + "\r\n.\r\n", step).size(), 100);  // the next one is taken
  }
  for (const std::string& endless : {std::string(201, 'x'), std::string(202, '\n') + "\r\n"}) {
    Talk talk(Protocol::smtp, limits);
    talk.begin();
    EXPECT_THAT(talk.say(endless + "\r\n", 1), ElementsAre(StartsWith("421 ")));
    EXPECT_TRUE(talk.closed);
  }
}

TEST(SmtpSession, bounds_lines_recipients_and_mistakes) {
  Talk talk;
  talk.greet();
  const std::string long_line = "NOOP " + std::string(993, 'x') + "\r\n";  // 1000 bytes
  EXPECT_THAT(talk.say(long_line), ElementsAre(StartsWith("250 ")));
  for (const std::size_t step : {1U, 7U, 100'000U})
    EXPECT_THAT(talk.say("x" + long_line + "NOOP\r\n", step),
                ElementsAre(StartsWith("500 "), StartsWith("250 ")));
  EXPECT_THAT(talk.say(std::string(5000, '\r') + "\r\nNOOP\r\n", 10),
              ElementsAre(StartsWith("500 "), StartsWith("250 ")));
  talk.say("MAIL FROM:<a@b.c>\r\n");
  for (int i = 0; i < 100; ++i)
    EXPECT_THAT(talk.say("RCPT TO:<x@y.z>\r\n"), ElementsAre(StartsWith("250 ")));
  EXPECT_THAT(talk.say("RCPT TO:<x@y.z>\r\n"), ElementsAre(StartsWith("452 4.5.3 ")));
  Talk prober;
  prober.greet();
  prober.say("MAIL FROM:<a@b.c>\r\n");
  for (int i = 0; i < 19; ++i) prober.say("RCPT TO:<stranger@y.z>\r\n");
  EXPECT_FALSE(prober.closed);
  EXPECT_THAT(prober.say("RCPT TO:<stranger@y.z>\r\nRCPT TO:<x@y.z>\r\n"),
              ElementsAre(StartsWith("550 "), StartsWith("421 ")));
  EXPECT_TRUE(prober.closed);
}

TEST(SmtpSession, understands_no_line_without_cr) {
  Talk talk;
  EXPECT_THAT(talk.say("EHLO a\nMAIL FROM:<a@b.c>\r\n"),
              ElementsAre(StartsWith("220 "), StartsWith("500 "), StartsWith("421 ")));
  EXPECT_TRUE(talk.closed);
}

TEST(SmtpSession, ends_when_its_owner_has_to_go) {
  Talk talk;
  talk.begin();
  EXPECT_TRUE(talk.session.in_mail());
  talk.say("half of it");
  talk.session.shut_down("is going away");
  EXPECT_THAT(talk.say("\r\n.\r\n"), ElementsAre("421 4.3.2 mx.example.com is going away"));
  EXPECT_TRUE(talk.closed);
  EXPECT_TRUE(talk.mails.empty());
}

}  // namespace
}  // namespace host::mail_in
