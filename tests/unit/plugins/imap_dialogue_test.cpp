// What is said in an IMAP session, without one: answers of servers good and bad, in pieces of every
// size.
#include "plugins/imap_dialogue.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host::plugins {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using State = ImapDialogue::Fetched::State;

// A server whose words are all known before.
struct Script {
  explicit Script(std::string said, std::size_t piece = 7) : said(std::move(said)), piece(piece) {}
  ImapDialogue dialogue() {
    return {[this](std::string_view text) { heard += text; },
            [this](char* to, std::size_t size) {
              const auto count = std::min({size, piece, said.size() - at});
              if (count == 0) throw std::runtime_error("silence");
              std::copy_n(said.begin() + static_cast<std::ptrdiff_t>(at), count, to);
              at += count;
              return count;
            }};
  }
  std::string said, heard;
  std::size_t piece, at = 0;
};

struct Given {
  std::uint32_t uid;
  State state;
  std::string content;
  bool operator==(const Given&) const = default;
};
std::vector<Given> fetch(Script& script, const std::vector<std::uint32_t>& uids,
                         std::uint64_t max = 100) {
  std::vector<Given> given;
  script.dialogue().fetch(uids, max, 1 << 20,
                          [&](std::uint32_t uid, ImapDialogue::Fetched fetched) {
                            given.push_back({uid, fetched.state, std::move(fetched.content)});
                          });
  return given;
}

TEST(ImapDialogue, opens_a_mailbox_for_reading_alone) {
  Script script(
      "* FLAGS (\\Seen {3}\r\nabc)\r\n* 12 EXISTS\r\n* ok [uidvalidity 77] fine {9}\r\n"
      "* OK [UIDNEXT 4294967295]\r\nS1 OK [READ-ONLY] done\r\n");
  ImapDialogue::Mailbox mailbox;
  EXPECT_TRUE(script.dialogue().examine("\"INBOX\"", mailbox));
  EXPECT_EQ(mailbox.uid_validity, 77u);
  EXPECT_EQ(mailbox.uid_next, 4294967295u);
  EXPECT_EQ(script.heard, "S1 EXAMINE \"INBOX\"\r\n");

  Script refusing("S1 NO [NONEXISTENT] No\x01such mailbox\r\n");
  auto dialogue = refusing.dialogue();
  EXPECT_FALSE(dialogue.examine("\"x\"", mailbox));
  EXPECT_EQ(dialogue.words(), "NO [NONEXISTENT] No such mailbox");
}

TEST(ImapDialogue, finds_what_is_new) {
  Script good("* SEARCH 9 7\r\n* 3 EXISTS\r\n* SEARCH\r\n* SEARCH 8 7 5\r\nS1 OK x\r\n");
  EXPECT_THAT(good.dialogue().uids_above(6), ElementsAre(7, 8, 9));
  EXPECT_EQ(good.heard, "S1 UID SEARCH UID 7:*\r\n");
  Script none("");
  EXPECT_THAT(none.dialogue().uids_above(4294967295u), ElementsAre());
}

TEST(ImapDialogue, asks_for_sizes_in_a_short_line) {
  Script script(
      "* 1 FETCH (UID 1 RFC822.SIZE 5000000000)\r\n* 9 FETCH (RFC822.SIZE 6 UID 9)\r\n"
      "S1 OK x\r\n");
  const auto sizes = script.dialogue().sizes({1, 2, 3, 5, 8, 9});
  EXPECT_EQ(script.heard, "S1 UID FETCH 1:3,5,8:9 (UID RFC822.SIZE)\r\n");
  EXPECT_EQ(sizes, (std::map<std::uint32_t, std::uint64_t>{{1, 5000000000u}, {9, 6}}));
}

TEST(ImapDialogue, gives_messages_as_they_lie_there_in_pieces_of_any_size) {
  using namespace std::string_literals;
  const auto all = "a\r\nS2 OK x\r\n* 1 FETCH (UID 9 BODY[] {1}\r\nz)\r\n\0)}{3}"s;
  for (std::size_t piece = 1; piece < 90; ++piece) {
    Script script("* 4 FETCH (FLAGS (\\Seen \"a)\\\"\" {2}\r\n)() UID 7 BODY[] {" +
                      std::to_string(all.size()) + "}\r\n" + all +
                      " MODSEQ (12))\r\n* 9 EXISTS\r\nS1 OK x\r\n"
                      "S2 OK it is gone\r\n"
                      "* 6 FETCH (body[] \"say \\\"a\\\\\" uid 9)\r\nS3 OK x\r\n"
                      "* 7 FETCH (UID 10 BODY[] NIL)\r\nS4 OK x\r\n"
                      "S5 NO [UNAVAILABLE] broken\r\n",
                  piece);
    EXPECT_THAT(fetch(script, {7, 8, 9, 10, 11}),
                ElementsAre(Given{7, State::whole, all}, Given{8, State::gone, ""},
                            Given{9, State::whole, "say \"a\\"}, Given{10, State::whole, ""},
                            Given{11, State::withheld, ""}));
    EXPECT_THAT(script.heard, HasSubstr("S5 UID FETCH 11 (UID BODY.PEEK[])\r\n"));
  }
}

TEST(ImapDialogue, takes_what_comes_before_the_command_before_has_ended) {
  Script script(
      "* 1 FETCH (UID 7 BODY[] {1}\r\na)\r\n* 3 FETCH (UID 9 BODY[] {1}\r\nc)\r\n"
      "S1 OK x\r\nS2 OK x\r\nS3 OK x\r\n");
  EXPECT_THAT(fetch(script, {7, 8, 9}),
              ElementsAre(Given{7, State::whole, "a"}, Given{8, State::gone, ""},
                          Given{9, State::whole, "c"}));
}

TEST(ImapDialogue, ends_at_a_message_that_is_larger_than_was_said) {
  Script script(
      "* 1 FETCH (UID 7 BODY[] {2}\r\nab)\r\nS1 OK x\r\n* 2 FETCH (UID 8 BODY[] {101}\r\n");
  EXPECT_THAT(fetch(script, {7, 8, 9}),
              ElementsAre(Given{7, State::whole, "ab"}, Given{8, State::too_large, ""}));
}

TEST(ImapDialogue, does_not_believe_rubbish) {
  const std::string start = "* 1 FETCH (UID 7 BODY[] ";
  for (const auto& said :
       {std::string("S2 OK of another\r\n"), std::string("+ go on\r\n"), std::string("rubbish\r\n"),
        std::string("\r\n"), std::string("S1 MAYBE x\r\n"), start + "{9999999999999999999999}\r\n",
        start + "\r\n", start + "\"never closed\r\n", start + "(\r\n", start + "{x}\r\n",
        std::string("* 1 FETCH (UID x BODY[] {1}\r\na)\r\n"), std::string("* 1 FETCH (UID 7\r\n"),
        std::string("* 1 FETCH ( ( (\r\n"), std::string(3 << 20, 'x')}) {
    Script script(said, 65536);
    EXPECT_THROW(fetch(script, {7}), ImapFault) << said.substr(0, 40);
  }
  std::string endless;
  while (endless.size() < (3u << 20)) endless += "* 1 EXISTS\r\n";
  Script script(endless, 65536);
  EXPECT_THROW(fetch(script, {7}), ImapFault) << "an answer has a size";
  // A literal shorter than what follows, and one longer: what is there is no answer any more.
  Script longer(start + "{3}\r\nabcdef)\r\nS1 OK x\r\n");
  EXPECT_THROW(fetch(longer, {7}), ImapFault);
  Script shorter(start + "{30}\r\nabc)\r\nS1 OK x\r\n");
  EXPECT_THROW(fetch(shorter, {7}), std::runtime_error);
}

TEST(ImapMailboxName, is_written_as_imap_wants_it) {
  EXPECT_EQ(imap_mailbox_name("INBOX"), "\"INBOX\"");
  EXPECT_EQ(imap_mailbox_name("A \"b\" \\ & c"), "\"A \\\"b\\\" \\\\ &- c\"");
  // RFC 3501's own example, and one beyond the first plane.
  EXPECT_EQ(imap_mailbox_name("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
  EXPECT_EQ(imap_mailbox_name("Entwürfe"), "\"Entw&APw-rfe\"");
  EXPECT_EQ(imap_mailbox_name("😀"), "\"&2D3eAA-\"");
  for (const std::string& bad :
       {std::string(), std::string("a\r\nb"), std::string("a\0b", 3), std::string("\xff"),
        std::string("\xc3"), std::string("\xc0\xaf"), std::string("\xed\xa0\x80"),
        std::string("\x7f"), std::string("\xc2\x85"), std::string(1001, 'a')})
    EXPECT_THROW(imap_mailbox_name(bad), std::invalid_argument) << bad;
}

}  // namespace
}  // namespace host::plugins
