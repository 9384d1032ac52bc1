// Mail as providers post it.
#include "mail_in/form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/mail_in/world.hpp"

namespace mail_in_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kType = "multipart/form-data; boundary=b-1";

std::string part(const std::string& name, const std::string& value, const std::string& more = "") {
  return "--b-1\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" +
         value + "\r\n";
}
std::string form(const std::string& parts) { return parts + "--b-1--\r\n"; }

int status_of(const std::string& bytes, const std::string& type = kType) {
  try {
    mail_of_form(bytes, type);
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 200;
}

TEST(Form, is_for_those_of_the_envelope_or_else_for_those_it_is_written_to) {
  const auto to = part("to", "\"Lagoon, the\" <a@x.example>, b@x.example; <b@X.example>, nonsense");
  const auto of = [&](const std::string& envelope) {
    return mail_of_form(form(part("envelope", envelope) + to + part("from", "Eve <e@y.z>")), kType);
  };
  const auto mail = of(R"({"to": ["lagoon@mail.example", 5, "no address"], "from": "eve@y.z"})");
  EXPECT_THAT(mail.recipients, ElementsAre(Address{"lagoon", "mail.example"}));
  EXPECT_EQ(mail.sender, "eve@y.z");
  EXPECT_EQ(mail.content_type, kType);
  EXPECT_EQ(mail.via, "webhook");
  for (const auto* none : {"", "{}", "[]", R"({"to": "a@x.example"})", R"({"to": []})", "\xff"})
    EXPECT_THAT(of(none).recipients,
                ElementsAre(Address{"a", "x.example"}, Address{"b", "x.example"}))
        << none;
}

TEST(Form, that_holds_a_whole_message_is_that_message) {
  const std::string raw = "Subject: x\r\n\r\n\xff" + std::string(100'000, 'y') + "\r\n";
  const auto mail = mail_of_form(form(part("to", "a@x.example") + part("email", raw)), kType);
  EXPECT_EQ(mail.bytes, raw);
  EXPECT_EQ(mail.content_type, "message/rfc822");
  EXPECT_FALSE(is_form(mail));
}

TEST(Form, of_nothing_is_refused) {
  EXPECT_EQ(status_of(form(part("from", "a@x.example"))), 200);
  EXPECT_EQ(status_of(form(part("subject", "x"))), 422);
  EXPECT_EQ(status_of("--b-1\r\n"), 400);
  EXPECT_EQ(status_of("x", "text/plain"), 415);
  EXPECT_EQ(status_of("x", ""), 415);
  std::string many;
  for (int i = 0; i < 501; ++i) many += part("f", "x");
  EXPECT_EQ(status_of(form(many)), 413);
}

TEST(Form, is_handed_over_in_parts_and_comes_out_of_the_inbox_as_it_came) {
  World world;
  const auto posted =
      form(part("from", "e@y.z") + part("text", "caf\xe9") + part("to", "") +
           part("attachment1", "%PDF", "; filename=\"p.pdf\"\r\nContent-Type: a/b") +
           part("html", std::string(70'000, 'h')) +
           part("envelope", R"({"to": ["lagoon@mail.example", "x@mail.example"]})"));
  const auto mail = mail_of_form(posted, kType);
  std::vector<std::map<std::string, std::string>> seen;  // the plugin's view of the parts
  world.look = [&](const CallToken& token, const json& asked) {
    EXPECT_FALSE(asked.contains("blob"));
    std::map<std::string, std::string> parts;
    for (const auto& one : asked.at("form")) {
      EXPECT_NE(one.contains("data"), one.contains("blob"));
      const auto bytes =
          one.contains("data") ? one["data"].get<std::string>() : world.blob(token, one["blob"]);
      EXPECT_EQ(one["size"], bytes.size());
      EXPECT_EQ(one.contains("blob"),
                one["name"] != "from" && one["name"] != "to" && one["name"] != "envelope");
      parts[one["name"]] = one.value("file_name", "") + ":" + bytes;
    }
    seen.push_back(std::move(parts));
  };
  EXPECT_THAT(world.receive(mail).outcomes, ElementsAre(Outcome::stored, Outcome::stored));
  const auto kept = world.mail->inbox().list("", 10).at(0);
  EXPECT_EQ(kept.content_type, kType);
  world.mail->hand_over(kept.id, "savanna", World::soon());
  ASSERT_EQ(seen.size(), 2);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0]["text"], ":caf\xe9");
  EXPECT_EQ(seen[0]["attachment1"], "p.pdf:%PDF");
  EXPECT_EQ(seen[0]["html"].size(), 70'001);
  EXPECT_EQ(seen[0].size(), 6);
}

TEST(Form, without_any_address_is_kept_for_the_platform) {
  World world;
  const auto mail = mail_of_form(form(part("from", "e@y.z")), kType);
  EXPECT_THAT(mail.recipients, IsEmpty());
  EXPECT_THAT(world.receive(mail).outcomes, ElementsAre(Outcome::stored));
  EXPECT_EQ(world.mail->inbox().use().messages, 1);
}

}  // namespace
}  // namespace mail_in_test
