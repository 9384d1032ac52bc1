// Mails that were made to do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/clean_text.hpp"
#include "message/message.hpp"

namespace inbound_test {
namespace {

using inbound::clean_line;
using inbound::clean_text;
using inbound::parse_message;
using inbound::PoisonMessage;
using testing::HasSubstr;

std::string refusal(const std::string& raw) {
  try {
    parse_message(raw);
  } catch (const PoisonMessage& poison) {
    return poison.what();
  }
  return "accepted";
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(HostileMail, nested_groups_are_refused_wherever_they_stand) {
  const auto groups = repeated("g:", 100'000);
  EXPECT_THAT(refusal("From: a@b.example\r\nTo: " + groups + "\r\n\r\nx"), HasSubstr("groups"));
  EXPECT_THAT(refusal("From: a@b.example\r\nto :\r\n " + groups + "\r\n\r\nx"),
              HasSubstr("groups"));
  EXPECT_THAT(refusal("From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\nCC: " + groups +
                      "\r\n\r\nx"),
              HasSubstr("groups"));
  EXPECT_EQ(refusal("From: a@b.example\r\nTo: g: x@y.example;\r\n\r\nx"), "accepted");
}

TEST(HostileMail, headers_are_bounded) {
  EXPECT_THAT(refusal("From: a@b.example\r\nX-A: " + std::string(40'000, 'x') + "\r\n\r\nx"),
              HasSubstr("too long"));
  EXPECT_THAT(
      refusal("From: a@b.example\r\n" + repeated("X-A: some words here\r\n", 20'000) + "\r\nx"),
      HasSubstr("headers"));
  EXPECT_THAT(refusal("From: a@b.example\r\n\r\n" + std::string(31U << 20U, 'x')),
              HasSubstr("large"));
}

TEST(HostileMail, parts_and_depth_are_bounded) {
  std::string many = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  many += repeated("--b\r\n\r\nx\r\n", 1'200);
  EXPECT_THAT(refusal(many), HasSubstr("parts"));
  std::string deep = "From: a@b.example\r\n";
  for (int i = 0; i < 60; ++i) {
    const auto name = "b" + std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n";
  }
  EXPECT_THAT(refusal(deep + "\r\nx"), HasSubstr("deep"));
}

TEST(HostileMail, two_hundred_attachments_are_no_fault) {
  std::string many = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 200; ++i) {
    many += "--b\r\nContent-Disposition: attachment; filename=f" + std::to_string(i) +
            ".txt\r\n\r\ncontent\r\n";
  }
  EXPECT_EQ(parse_message(many + "--b--\r\n").attachments.size(), 200);
}

TEST(HostileMail, a_subject_cannot_bring_headers) {
  const auto mail = parse_message(
      "From: a@b.example\r\nSubject: =?utf-8?Q?Hi=0D=0ABcc:_victim@example.org?=\r\n\r\nx");
  EXPECT_EQ(mail.subject.find_first_of("\r\n"), std::string::npos);
  EXPECT_THAT(mail.subject, HasSubstr("Hi"));
}

TEST(HostileMail, unknown_charsets_are_still_text) {
  const auto mail = parse_message(
      "From: =?x-none?Q?A=FF?= <a@b.example>\r\n"
      "Content-Type: text/plain; charset=x-no-such-thing\r\n\r\ncaf\xE9 \xFF\x80");
  EXPECT_EQ(mail.text, "café ÿ€");
  EXPECT_EQ(clean_text(mail.from.name, 1000), mail.from.name);
  const auto lying = parse_message(
      "From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xC3( \xFF");
  EXPECT_EQ(lying.text, "\xEF\xBF\xBD( \xEF\xBF\xBD");
}

TEST(HostileMail, no_body_no_headers_nothing) {
  EXPECT_EQ(parse_message("From: a@b.example\r\nSubject: hello\r\n\r\n").text, "");
  EXPECT_NE(refusal(""), "accepted");
  EXPECT_NE(refusal(std::string(1000, '\0')), "accepted");
}

TEST(CleanText, leaves_nothing_that_steers) {
  EXPECT_EQ(clean_text("a\r\nb\rc\x01\x7F\xE2\x80\xAE"
                       "d",
                       100),
            "a\nb\ncd");
  EXPECT_EQ(clean_line(" a\r\n b\t\tc ", 100), "a b c");
  EXPECT_EQ(clean_text("äää", 5), "ää");  // not in the middle of a letter
  EXPECT_EQ(clean_text("\xF0\x28\x8C\x28", 100).find('\xF0'), std::string::npos);
}

}  // namespace
}  // namespace inbound_test
