// Mail read from a real server, and from fakes that do what no real one does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "fakes/smtp_fake.hpp"
#include "plugins/outbound.hpp"
#include "serai/abi/imap.h"
#include "support/imap_server.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using ::testing::HasSubstr;
using LineFake = fakes::SmtpFake;
using serai_test::ImapServer;
using testing::World;

ImapServer& server() {
  static ImapServer one;
  return one;
}

std::string mail(const std::string& subject) {
  return "From: anna@example.org\r\nSubject: " + subject + "\r\n\r\nS1 OK\r\n* 1 FETCH\r\n";
}

struct OutboundImap : ::testing::Test {
  MailboxQuery of(const std::string& user, const std::string& url = server().url()) {
    MailboxQuery query;
    query.plugin = "alpha";
    query.url = url;
    query.user = user;
    query.password = server().password();
    query.mailbox = "INBOX";
    query.max_messages = 50;
    query.deadline = World::in(60);
    bool plain = false;
    query.hosts.allowed = {imap_host_and_port(url, plain)};
    return query;
  }
  MailboxAnswer read(const MailboxQuery& query) { return outbound.read(query, tally); }
  std::string refusal(const MailboxQuery& query) { return refusal(query, outbound); }
  std::string refusal(const MailboxQuery& query, Outbound& by) {
    try {
      by.read(query, tally);
    } catch (const Problem& problem) {
      return std::to_string(problem.status()) + " " + problem.code();
    }
    return "";
  }
  OutboundTally tally;
  Outbound outbound{OutboundPolicy{true, false, server().authority()}};
  Outbound lax{OutboundPolicy{true, true, server().authority()}};  // plain text is allowed
};

TEST_F(OutboundImap, reads_what_is_new_and_leaves_the_mailbox_as_it_is) {
  for (const char* subject : {"one", "two", "three"}) server().append("reader", mail(subject));
  server().command("reader", "STORE 1:3 -FLAGS.SILENT (\\Seen)");  // as who put them in set it
  auto query = of("reader");
  const auto all = read(query);
  EXPECT_EQ(all.outcome, SERAI_IMAP_READ);
  ASSERT_EQ(all.messages.size(), 3u);
  EXPECT_EQ(all.messages[0].content, mail("one"));
  EXPECT_EQ(all.messages[2].content, mail("three"));
  EXPECT_EQ(all.messages[2].size, mail("three").size());
  EXPECT_EQ(all.uid_next, 4u);
  EXPECT_EQ(all.up_to_uid, 3u);
  EXPECT_FALSE(all.more);
  EXPECT_EQ(tally.attempts, 1u);
  EXPECT_GT(tally.bytes, 300);
  EXPECT_THAT(server().command("reader", "SEARCH UNSEEN"), HasSubstr("SEARCH 1 2 3"));

  query.uid_validity = all.uid_validity;
  query.after_uid = 1;
  query.max_messages = 1;
  const auto next = read(query);
  ASSERT_EQ(next.messages.size(), 1u);
  EXPECT_EQ(next.messages[0].uid, 2u);
  EXPECT_EQ(next.up_to_uid, 2u);
  EXPECT_TRUE(next.more);
  query.after_uid = 3;
  const auto none = read(query);
  EXPECT_TRUE(none.messages.empty());
  EXPECT_EQ(none.up_to_uid, 3u);
  EXPECT_FALSE(none.more);
  query.after_uid = 0;
  query.max_messages = 0;
  const auto status = read(query);
  EXPECT_TRUE(status.messages.empty());
  EXPECT_EQ(status.uid_next, 4u);
  EXPECT_TRUE(status.more);
}

TEST_F(OutboundImap, speaks_tls_from_the_first_byte) {
  server().append("secure", mail("one"));
  EXPECT_EQ(read(of("secure", server().secure_url())).messages.size(), 1u);
}

TEST_F(OutboundImap, begins_again_when_the_numbers_do) {
  server().append("moved", mail("one"));
  server().append("moved", mail("two"));
  auto query = of("moved");
  const auto before = read(query);
  query.uid_validity = before.uid_validity;
  query.after_uid = before.up_to_uid;
  server().renumber("moved");
  const auto after = read(query);
  EXPECT_NE(after.uid_validity, before.uid_validity);
  EXPECT_EQ(after.messages.size(), 2u);
}

TEST_F(OutboundImap, names_what_is_too_large_and_passes_over_what_is_gone) {
  server().append("sizes", mail("one"));
  server().append("sizes", mail("two") + std::string(5000, 'x') + "\r\n");
  server().append("sizes", mail("three"));
  server().append("sizes", mail("four"));
  server().command("sizes", "STORE 3 +FLAGS.SILENT (\\Deleted)");
  server().command("sizes", "EXPUNGE");
  auto query = of("sizes");
  query.max_bytes = 1000;
  const auto answer = read(query);
  ASSERT_EQ(answer.messages.size(), 3u);
  EXPECT_EQ(answer.messages[1].state, static_cast<std::uint32_t>(SERAI_IMAP_TOO_LARGE));
  EXPECT_GT(answer.messages[1].size, 5000u);
  EXPECT_EQ(answer.messages[1].content, "");
  EXPECT_EQ(answer.messages[2].uid, 4u);
  EXPECT_EQ(answer.up_to_uid, 4u);
}

TEST_F(OutboundImap, gives_so_much_at_a_time_and_no_more) {
  const auto large = mail("large") + std::string(20 << 20, 'x') + "\r\n";
  for (int i = 0; i < 2; ++i) server().append("large", large);
  auto query = of("large");
  const auto first = read(query);
  ASSERT_EQ(first.messages.size(), 1u);
  EXPECT_EQ(first.messages[0].content, large);
  EXPECT_EQ(first.up_to_uid, 1u);
  EXPECT_TRUE(first.more);
  query.uid_validity = first.uid_validity;
  query.after_uid = 1;
  const auto second = read(query);
  EXPECT_EQ(second.messages.size(), 1u);
  EXPECT_FALSE(second.more);
}

TEST_F(OutboundImap, reads_folders_with_names_of_any_script) {
  server().command("folders", "CREATE Entw&APw-rfe");
  server().append("folders", mail("one"), "Entw%26APw-rfe");  // as IMAP writes it, in a URL
  auto query = of("folders");
  query.mailbox = "Entwürfe";
  EXPECT_EQ(read(query).messages.size(), 1u);
  query.mailbox = "Nowhere";
  const auto answer = read(query);
  EXPECT_EQ(answer.outcome, SERAI_IMAP_MAILBOX_REFUSED);
  EXPECT_THAT(answer.reply, HasSubstr("doesn't exist: Nowhere"));
}

TEST_F(OutboundImap, says_so_when_the_login_is_wrong) {
  auto query = of("anna");
  query.password = "another";
  const auto answer = read(query);
  EXPECT_EQ(answer.outcome, SERAI_IMAP_LOGIN_REFUSED);
  EXPECT_THAT(answer.reply, HasSubstr("AUTHENTICATIONFAILED"));
}

TEST_F(OutboundImap, logs_in_nowhere_in_the_clear_and_at_nobody_unknown) {
  auto clear = of("anna");
  clear.require_tls = false;
  EXPECT_EQ(refusal(clear), "403 host_not_allowed");
  Outbound strangers{OutboundPolicy{true, false}};  // who vouches for the server is not known
  EXPECT_EQ(refusal(of("anna"), strangers), "503 unreachable");
  Outbound inside{OutboundPolicy{false, false, server().authority()}};
  EXPECT_EQ(refusal(of("anna"), inside), "403 host_not_allowed");
  auto other = of("anna");
  other.hosts.allowed = {"mail.example.com"};
  EXPECT_EQ(refusal(other), "403 host_not_allowed");
  other.hosts.allowed = {"localhost"};  // 143 and 993
  EXPECT_EQ(refusal(other), "403 host_not_allowed");
  auto denied = of("anna");
  denied.hosts.denied = {"localhost"};
  EXPECT_EQ(refusal(denied), "403 host_not_allowed");
  EXPECT_EQ(refusal(of("anna", "imap://localhost:1")), "503 unreachable");
}

TEST_F(OutboundImap, refuses_what_would_be_another_command) {
  for (const char* word : {"a\r\nb", "a\nb", "a\x7f"}) {
    auto user = of(word), password = of("anna"), mailbox = of("anna");
    password.password = word;
    mailbox.mailbox = word;
    for (const auto& query : {user, password, mailbox})
      EXPECT_EQ(refusal(query), "400 bad_request") << word;
  }
  EXPECT_EQ(refusal(of("")), "400 bad_request");
  auto many = of("anna");
  many.max_messages = 501;
  EXPECT_EQ(refusal(many), "400 bad_request");
  for (const char* url : {"imap://localhost/INBOX", "http://localhost", "imap://a:b@localhost",
                          "imap://localhost/;UID=1", "smtp://localhost"}) {
    auto query = of("anna");
    query.url = url;
    EXPECT_EQ(refusal(query), "400 bad_request") << url;
  }
}

// A server as it should be, without TLS and with messages 1 and 2, but for one command.
LineFake::Script with(const std::string& command, const std::optional<std::string>& answer) {
  return [=](const std::string& line) -> std::optional<std::string> {
    const auto blank = line.find(' ');
    const auto tag = line.substr(0, blank);
    const auto said = blank == std::string::npos ? "" : line.substr(blank + 1);
    const auto ok = [&](const std::string& untagged) { return untagged + tag + " OK done\r\n"; };
    if (line.empty() ? command == "greeting" : !command.empty() && said.starts_with(command)) {
      if (!answer) return std::nullopt;
      auto words = *answer;
      for (auto at = words.find("TAG"); at != std::string::npos; at = words.find("TAG"))
        words.replace(at, 3, tag);
      return words;
    }
    if (line.empty()) return "* OK fake\r\n";
    if (said == "CAPABILITY") return ok("* CAPABILITY IMAP4rev1\r\n");
    if (said.starts_with("EXAMINE")) return ok("* OK [UIDVALIDITY 5]\r\n* OK [UIDNEXT 3]\r\n");
    if (said.starts_with("UID SEARCH")) return ok("* SEARCH 1 2\r\n");
    if (said.ends_with("(UID RFC822.SIZE)"))
      return ok("* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n* 2 FETCH (UID 2 RFC822.SIZE 3)\r\n");
    if (said.starts_with("UID FETCH 1 ")) return ok("* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n");
    if (said.starts_with("UID FETCH 2 ")) return ok("* 2 FETCH (UID 2 BODY[] {3}\r\ntwo)\r\n");
    return ok("");
  };
}
const char* const kCommands[] = {"greeting",   "CAPABILITY",    "LOGIN",        "EXAMINE",
                                 "UID SEARCH", "UID FETCH 1:2", "UID FETCH 1 ", "UID FETCH 2 "};

struct BadMailbox : OutboundImap {
  // What comes of it when `command` is answered so: the problem, or the messages.
  std::string fate(const std::string& command, const std::optional<std::string>& answer) {
    const LineFake fake(with(command, answer));
    auto query = of("anna", "imap://127.0.0.1:" + std::to_string(fake.port()));
    query.require_tls = false;
    query.timeout = std::chrono::milliseconds(300);
    try {
      const auto found = lax.read(query, tally);
      if (found.outcome != SERAI_IMAP_READ) return "refused: " + found.reply;
      std::string contents;
      for (const auto& message : found.messages)
        contents += message.state == SERAI_IMAP_WHOLE ? message.content + " " : "- ";
      return contents + (found.more ? "more" : "all");
    } catch (const Problem& problem) {
      return problem.code();
    }
  }
};

TEST_F(BadMailbox, that_is_none_is_read_in_the_clear_where_that_is_allowed) {
  EXPECT_EQ(fate("", std::nullopt), "one two all");
}

TEST_F(BadMailbox, that_falls_silent_is_left_when_time_is_up) {
  for (const std::string command : kCommands) {
    if (command == "UID FETCH 1 ") continue;  // the fake answers the next one then
    EXPECT_EQ(fate(command, std::nullopt), command == "UID FETCH 2 " ? "one more" : "timed_out")
        << command;
  }
}

TEST_F(BadMailbox, that_hangs_up_has_given_what_it_has_given) {
  for (const std::string command : kCommands)
    EXPECT_EQ(fate(command, ""), command == "UID FETCH 2 " ? "one more" : "unreachable") << command;
  EXPECT_EQ(fate("LOGOUT", std::nullopt), "one two all") << "nobody waits for a goodbye";
}

TEST_F(BadMailbox, that_refuses_is_quoted) {
  EXPECT_EQ(fate("LOGIN", "TAG NO [UNAVAILABLE] Not today\r\n"),
            "refused: NO [UNAVAILABLE] Not today");
  EXPECT_EQ(fate("EXAMINE", "TAG NO Not this one\r\n"), "refused: NO Not this one");
  EXPECT_EQ(fate("UID SEARCH", "TAG NO\r\n"), "bad_answer");
  EXPECT_EQ(fate("UID SEARCH", "TAG BAD what?\r\n"), "bad_answer");
  EXPECT_EQ(fate("UID FETCH 1 ", "TAG NO it is broken\r\n"), "- two all");
}

TEST_F(BadMailbox, that_lies_about_sizes_hurts_nobody) {
  EXPECT_EQ(fate("UID FETCH 2 ", "* 2 FETCH (UID 2 BODY[] {99999999}\r\ntwo"), "one - all");
  EXPECT_EQ(fate("UID FETCH 1 ", "* 1 FETCH (UID 1 BODY[] {99999999}\r\none"), "- more");
  EXPECT_EQ(fate("UID FETCH 2 ", "* 2 FETCH (UID 2 BODY[] {5000}\r\ntwo)\r\nTAG OK x\r\n"),
            "one more");
  EXPECT_EQ(fate("UID FETCH 2 ", "* 2 FETCH (UID 2 BODY[] {1}\r\ntwo)\r\nTAG OK x\r\n"),
            "one more");
  EXPECT_EQ(fate("UID FETCH 1:2", "* 1 FETCH (UID 1 RFC822.SIZE 99999999999)\r\nTAG OK x\r\n"),
            "- all");
}

TEST_F(BadMailbox, that_talks_rubbish_is_not_believed) {
  std::string endless;
  while (endless.size() < (20u << 20)) endless += "* 1 EXISTS\r\n";
  for (const std::string command : kCommands) {
    for (const std::string& rubbish :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\0\xff\xfe\r\n", 5),
          std::string("S99 OK I was never asked\r\n"), std::string(20 << 20, 'x'), endless}) {
      const auto became = fate(command, rubbish);
      const bool told_apart = became == "timed_out" || became == "unreachable" ||
                              became == "bad_answer" || became == "circuit_open";
      EXPECT_TRUE(told_apart || (command == "UID FETCH 2 " && became == "one more"))
          << command << ": " << became << " of " << rubbish.substr(0, 20);
    }
  }
}

TEST_F(BadMailbox, that_offers_no_tls_hears_no_password) {
  const LineFake fake(with("", std::nullopt));
  auto query = of("anna", "imap://127.0.0.1:" + std::to_string(fake.port()));
  EXPECT_EQ(refusal(query), "503 unreachable");
  for (const auto& line : fake.heard()) EXPECT_EQ(line.find(query.password), std::string::npos);
}

TEST_F(OutboundImap, leaves_a_dead_server_alone_for_a_while) {
  for (int i = 0; i < Breakers::kFailures; ++i)
    EXPECT_EQ(refusal(of("anna", "imap://localhost:1")), "503 unreachable");
  EXPECT_EQ(refusal(of("anna", "imap://localhost:1")), "503 circuit_open");
}

}  // namespace
}  // namespace host::plugins
