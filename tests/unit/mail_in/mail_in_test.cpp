// Whose mail goes where: tenants, the inbox, nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/mail_in/world.hpp"

namespace mail_in_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

template <class Action>
std::string problem_of(Action action) {
  try {
    action();
  } catch (const Problem& problem) {
    return std::to_string(problem.status()) + " " + problem.code();
  }
  return "";
}

TEST(MailIn, gives_a_mail_to_its_tenant_and_to_nobody_else) {
  World world;
  const auto received = world.receive(World::mail_to({"lagoon@mail.example"}));
  EXPECT_THAT(received.outcomes, ElementsAre(Outcome::stored));
  EXPECT_THAT(received.tenants, ElementsAre("lagoon"));
  const auto taken = world.taken();
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].tenant, "lagoon");
  EXPECT_EQ(taken[0].bytes, "Subject: Safari\r\n\r\nhello\r\n");
  EXPECT_EQ(taken[0].asked["recipients"], json::array({"lagoon@mail.example"}));
  EXPECT_EQ(taken[0].asked["sender"], "ann@there.example");
  EXPECT_EQ(taken[0].asked["size"], taken[0].bytes.size());
  EXPECT_EQ(taken[0].asked["via"], "lmtp");
  EXPECT_EQ(world.mail->inbox().use().messages, 0);
  // What the plugin did not keep is gone.
  const auto token = tenancy::TokenMint::for_public("lagoon", {"r", "", World::soon()});
  EXPECT_EQ(problem_of([&] { world.blobs->open(token, taken[0].asked["blob"]); }).substr(0, 3),
            "404");
}

TEST(MailIn, gives_each_tenant_its_own_recipients_once) {
  World world;
  const auto received =
      world.receive(World::mail_to({"lagoon@mail.example", "who@mail.example",
                                    "savanna@mail.example", "sales+lagoon@mail.example"}));
  EXPECT_THAT(received.outcomes,
              ElementsAre(Outcome::stored, Outcome::stored, Outcome::stored, Outcome::stored));
  const auto taken = world.taken();
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].asked["recipients"],
            json::array({"lagoon@mail.example", "sales+lagoon@mail.example"}));
  EXPECT_EQ(taken[1].tenant, "savanna");
  EXPECT_EQ(taken[1].asked["recipients"], json::array({"savanna@mail.example"}));
  const auto kept = world.mail->inbox().list("", 10);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_THAT(kept[0].recipients, ElementsAre("who@mail.example"));
  EXPECT_EQ(kept[0].subject, "Safari");
}

TEST(MailIn, judges_recipients_before_the_message_comes) {
  World world;
  const auto verdict = [&](const std::string& address) {
    return world.mail->judge(*parse_address(address));
  };
  EXPECT_EQ(verdict("lagoon@mail.example"), Verdict::accept);
  EXPECT_EQ(verdict("nobody@mail.example"), Verdict::accept);
  EXPECT_EQ(verdict("lagoon@elsewhere.example"), Verdict::not_ours);
  world.tenants->suspend(world.admin, "lagoon", "unpaid bills");
  EXPECT_EQ(verdict("lagoon@mail.example"), Verdict::later);
  EXPECT_THAT(world.receive(World::mail_to({"lagoon@mail.example"})).outcomes,
              ElementsAre(Outcome::later));
  EXPECT_THAT(world.taken(), IsEmpty());
  world.tenants->activate(world.admin, "lagoon");
  world.tenants->destroy(world.admin, "lagoon");
  EXPECT_EQ(verdict("lagoon@mail.example"), Verdict::accept);  // to the inbox, as for anybody
}

TEST(MailIn, refuses_the_unknown_where_the_profile_says_so_but_never_the_postmaster) {
  auto profile = World::profile();
  profile.keep_unknown = false;
  World world(profile);
  EXPECT_EQ(world.mail->judge(*parse_address("nobody@mail.example")), Verdict::unknown);
  EXPECT_EQ(world.mail->judge(*parse_address("Postmaster@mail.example")), Verdict::accept);
  EXPECT_EQ(world.mail->judge(*parse_address("postmaster")), Verdict::accept);
  EXPECT_EQ(world.mail->judge(*parse_address("lagoon@mail.example")), Verdict::accept);
}

TEST(MailIn, asks_a_mail_itself_only_at_home_and_where_that_is_allowed) {
  const std::string claims = "X-Tenant-ID: savanna\r\n\r\nx\r\n";
  World plain;
  plain.receive(World::mail_to({"nobody@mail.example"}, claims));
  EXPECT_THAT(plain.taken(), IsEmpty());
  auto profile = World::profile();
  profile.rules.strategies.insert(Strategy::header);
  World trusting(profile);
  trusting.receive(World::mail_to({"nobody@mail.example"}, claims));
  trusting.receive(World::mail_to({"lagoon@mail.example"}, claims));  // the envelope comes first
  const auto taken = trusting.taken();
  ASSERT_THAT(taken, SizeIs(2));
  EXPECT_EQ(taken[0].tenant, "savanna");
  EXPECT_EQ(taken[1].tenant, "lagoon");
}

TEST(MailIn, acknowledges_only_what_the_plugin_has_stored) {
  World world;
  const auto outcome = [&](std::function<std::string(const CallToken&)> plugin) {
    world.plugin = std::move(plugin);
    return world.receive(World::mail_to({"lagoon@mail.example"})).outcomes.at(0);
  };
  const auto answers = [&](const std::string& text) {
    return outcome([text](const CallToken&) { return text; });
  };
  EXPECT_EQ(answers(R"({"result": "stored"})"), Outcome::stored);
  EXPECT_EQ(answers(R"({"result": "duplicate"})"), Outcome::stored);
  EXPECT_EQ(answers(R"({"result": "refused", "reason": "spam"})"), Outcome::refused);
  for (const auto* nonsense : {"", "null", "[]", "{}", R"({"result": "perhaps"})", R"("stored")",
                               R"({"result": ["stored"]})"})
    EXPECT_EQ(answers(nonsense), Outcome::later) << nonsense;
  for (const int status : {403, 404, 409, 422, 429, 500, 503, 504})
    EXPECT_EQ(outcome([=](const CallToken&) -> std::string {
                throw Problem(status, "broken", "It is broken.");
              }),
              Outcome::later)
        << status;
  EXPECT_EQ(outcome([](const CallToken&) -> std::string {
              throw Problem(413, "too_large", "It is too large.");
            }),
            Outcome::too_large);
  EXPECT_EQ(outcome([](const CallToken&) -> std::string { throw std::runtime_error("lost"); }),
            Outcome::later);
}

TEST(MailIn, has_the_rights_of_nobody_at_its_tenant) {
  World world;
  world.plugin = [](const CallToken& token) {
    EXPECT_EQ(token.tenant(), "lagoon");
    EXPECT_EQ(token.user(), "");
    EXPECT_FALSE(token.allows("inbound-email.read"));
    EXPECT_FALSE(token.platform_admin());
    return R"({"result": "stored"})";
  };
  world.receive(World::mail_to({"lagoon@mail.example"}));
  EXPECT_THAT(world.taken(), SizeIs(1));
}

TEST(MailIn, keeps_its_tables_out_of_every_tenants_reach) {
  World world;
  world.mail->addresses().assign(*parse_address("a@b.example"), "savanna", "root");
  world.receive(World::mail_to({"nobody@mail.example"}));
  const auto session =
      world.store->tenant(tenancy::TokenMint::for_public("lagoon", {"r", "", World::soon()}));
  for (const auto* prefix : {"mail_", "mail_in_", ""}) {  // as the plugin `mail` is confined
    session->confine(prefix);
    for (const auto* table : {"mail_in_addresses", "mail_in_inbox"})
      EXPECT_THROW(session->query(std::string("SELECT * FROM ") + table), std::exception) << table;
  }
}

TEST(Addresses, belong_to_one_tenant_and_go_with_it) {
  World world;
  auto& addresses = world.mail->addresses();
  const auto desk = *parse_address("Desk@Lagoon.example");
  EXPECT_TRUE(addresses.assign(desk, "lagoon", "root"));
  EXPECT_FALSE(addresses.assign(desk, "lagoon", "root"));
  EXPECT_EQ(problem_of([&] { addresses.assign(desk, "savanna", "root"); }), "409 address_taken");
  EXPECT_EQ(world.mail->judge(*parse_address("desk@lagoon.example")), Verdict::accept);
  EXPECT_EQ(world.mail->judge(*parse_address("other@lagoon.example")), Verdict::not_ours);
  world.receive(World::mail_to({"desk@LAGOON.example"}));
  ASSERT_THAT(world.taken(), SizeIs(1));
  EXPECT_EQ(world.taken()[0].tenant, "lagoon");
  addresses.assign(*parse_address("a@savanna.example"), "savanna", "root");
  EXPECT_EQ(addresses.count(), 2);
  EXPECT_EQ(addresses.list("", 1).at(0).address, "a@savanna.example");
  EXPECT_EQ(addresses.list("a@savanna.example", 9).at(0).tenant, "lagoon");
  world.tenants->destroy(world.admin, "lagoon");
  world.make_tenant("lagoon");  // another one of that name has nothing of it
  EXPECT_EQ(world.mail->judge(*parse_address("desk@lagoon.example")), Verdict::not_ours);
  EXPECT_EQ(addresses.count(), 1);
  EXPECT_TRUE(addresses.remove(*parse_address("A@savanna.example")));
  EXPECT_FALSE(addresses.remove(*parse_address("a@savanna.example")));
}

TEST(Inbox, keeps_the_same_mail_once_and_takes_no_more_than_it_may) {
  auto profile = World::profile();
  profile.inbox = {2, 100};
  World world(profile);
  const auto outcome = [&](const std::string& bytes) {
    return world.receive(World::mail_to({"nobody@mail.example"}, bytes)).outcomes.at(0);
  };
  EXPECT_EQ(outcome(std::string(60, 'a')), Outcome::stored);
  EXPECT_EQ(outcome(std::string(60, 'a')), Outcome::stored);
  EXPECT_EQ(world.mail->inbox().use().messages, 1);
  EXPECT_EQ(outcome(std::string(60, 'b')), Outcome::full);  // bytes
  EXPECT_EQ(outcome("c"), Outcome::stored);
  EXPECT_EQ(outcome("d"), Outcome::full);  // messages
  EXPECT_EQ(world.mail->inbox().use().bytes, 61);
  EXPECT_TRUE(world.mail->inbox().remove(world.mail->inbox().list("", 1).at(0).id));
  EXPECT_EQ(outcome("d"), Outcome::stored);
}

TEST(Inbox, hands_a_mail_to_a_tenant_and_lets_go_of_it_when_that_has_it) {
  World world;
  using namespace std::string_literals;
  const auto bytes = "Subject: \xff\r\n x\r\n\r\n\0\xff"s;
  world.receive(World::mail_to({"nobody@mail.example"}, bytes));
  auto& inbox = world.mail->inbox();
  const auto entry = inbox.list("", 10).at(0);
  EXPECT_EQ(entry.subject, "? x");
  EXPECT_EQ(inbox.open(entry.id)->bytes, bytes);
  const auto hand_over = [&](const std::string& tenant) {
    return problem_of([&] { world.mail->hand_over(entry.id, tenant, World::soon()); });
  };
  EXPECT_EQ(hand_over("nobody"), "404 unknown_tenant");
  world.plugin = [](const CallToken&) -> std::string {
    throw unavailable("no_provider", "Nobody provides it.");
  };
  EXPECT_EQ(hand_over("lagoon"), "503 mail_not_taken");
  world.plugin = [](const CallToken&) { return R"({"result": "refused", "reason": "spam"})"; };
  EXPECT_EQ(hand_over("lagoon"), "409 mail_refused");
  EXPECT_EQ(inbox.use().messages, 1);
  world.plugin = nullptr;
  EXPECT_EQ(hand_over("lagoon"), "");
  EXPECT_EQ(world.taken().back().bytes, bytes);
  EXPECT_EQ(world.taken().back().asked["recipients"], json::array({"nobody@mail.example"}));
  EXPECT_EQ(inbox.use().messages, 0);
  EXPECT_EQ(hand_over("lagoon"), "404 not_found");
}

TEST(MailIn, says_what_would_become_of_an_address) {
  World world;
  const auto fate = [&](const std::string& address) {
    const auto answer = world.mail->look_up(*parse_address(address));
    return (answer.found ? answer.found->tenant + " " + answer.status + " " : std::string()) +
           answer.fate;
  };
  EXPECT_EQ(fate("lagoon@mail.example"), "lagoon active tenant");
  EXPECT_EQ(fate("nobody@mail.example"), "inbox");
  EXPECT_EQ(fate("lagoon@elsewhere.example"), "not_ours");
  world.tenants->suspend(world.admin, "lagoon", "unpaid bills");
  EXPECT_EQ(fate("lagoon@mail.example"), "lagoon suspended later");
}

}  // namespace
}  // namespace mail_in_test
