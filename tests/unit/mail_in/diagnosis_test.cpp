// Why mail does not arrive: each cause is one sentence, and nothing changes by asking.
#include "mail_in/diagnosis.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail_in/form.hpp"
#include "unit/mail_in/world.hpp"

namespace mail_in_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Diagnosed : public testing::Test {
 protected:
  Diagnosis look(World& world, bool secret = true) {
    return {
        *world.mail, *world.tenants,
        Surroundings{"lmtp unix:/run/mail.sock", true, secret, false, [this] { return receiver; },
                     [this](const std::string& tenant) { return !off.contains(tenant); }}};
  }
  static Diagnosis::Reached of(const Diagnosis& diagnosis, const std::string& tenant) {
    for (auto& one : diagnosis.tenants("", 1000).tenants)
      if (one.tenant == tenant) return one;
    ADD_FAILURE() << "there is no " << tenant;
    return {};
  }
  static void give(World& world, const std::string& address, const std::string& tenant) {
    world.mail->addresses().assign(*parse_address(address), tenant, "admin");
  }
  std::string receiver = "inbound-email";
  std::set<std::string> off;
};

TEST_F(Diagnosed, tells_how_each_tenant_is_reached) {
  World world;
  give(world, "Desk@lagoon.example", "lagoon");
  const auto diagnosis = look(world);
  EXPECT_THAT(diagnosis.faults(), IsEmpty());
  const auto lagoon = of(diagnosis, "lagoon"), savanna = of(diagnosis, "savanna");
  EXPECT_THAT(lagoon.addresses, ElementsAre("desk@lagoon.example"));
  EXPECT_EQ(lagoon.address_count, 1);
  EXPECT_THAT(lagoon.local_part, ElementsAre("lagoon@mail.example"));
  EXPECT_THAT(lagoon.plus, ElementsAre("anything+lagoon@mail.example"));
  EXPECT_EQ(lagoon.status, "active");
  EXPECT_TRUE(lagoon.takes_mail);
  EXPECT_THAT(lagoon.faults, IsEmpty());
  EXPECT_THAT(savanna.addresses, IsEmpty()) << "only its own";
  EXPECT_THAT(savanna.faults, IsEmpty());
}

TEST_F(Diagnosed, names_what_keeps_mail_from_everybody) {
  Options options = World::profile();
  options.rules.domains.clear();
  options.inbox = {0, 0};
  World world(options);
  receiver.clear();
  EXPECT_THAT(look(world, false).faults(),
              ElementsAre(HasSubstr("no domain"), HasSubstr("inbound.receive/1"),
                          HasSubstr("neither password nor key"), HasSubstr("inbox is full")));
  EXPECT_THAT(of(look(world), "lagoon").faults, ElementsAre(HasSubstr("No address leads")));
  give(world, "desk@lagoon.example", "lagoon");
  receiver = "inbound-email";
  EXPECT_THAT(look(world).faults(), ElementsAre(HasSubstr("inbox is full")));
  off = {"lagoon"};
  world.tenants->suspend(world.admin, "savanna", "unpaid bills");
  EXPECT_THAT(look(world).faults(),
              ElementsAre(HasSubstr("No tenant can take mail"), HasSubstr("inbox is full")));
  off.clear();
  options.rules.strategies.clear();
  World deaf(options);
  EXPECT_THAT(look(deaf).faults()[0], HasSubstr("No strategy"));
}

TEST_F(Diagnosed, names_what_keeps_mail_from_one) {
  World world;
  world.make_tenant("sales");
  give(world, "desk@lagoon.example", "lagoon");
  world.tenants->suspend(world.admin, "lagoon", "unpaid bills");
  off = {"savanna"};
  const auto diagnosis = look(world);
  EXPECT_THAT(of(diagnosis, "lagoon").faults,
              ElementsAre("lagoon is suspended: its mail (desk@lagoon.example) waits at its "
                          "senders."));
  EXPECT_THAT(of(diagnosis, "savanna").faults, ElementsAre(HasSubstr("inbound-email is off")));
  EXPECT_FALSE(of(diagnosis, "savanna").takes_mail);
  EXPECT_THAT(of(diagnosis, "sales").faults,
              ElementsAre(HasSubstr("means a function"), HasSubstr("No address leads to sales")));
  EXPECT_THAT(of(diagnosis, "sales").local_part, IsEmpty());
  give(world, "sales@sales.example", "sales");
  EXPECT_THAT(of(diagnosis, "sales").faults, ElementsAre(HasSubstr("means a function")));
  auto options = World::profile();
  options.rules.strategies = {Strategy::local_part};
  World without(options);
  give(without, "desk@lagoon.example", "lagoon");
  EXPECT_THAT(of(look(without), "lagoon").faults, ElementsAre(HasSubstr("address is off")));
}

TEST_F(Diagnosed, comes_in_pages_and_shows_so_many_addresses) {
  World world;
  for (std::size_t i = 0; i < Diagnosis::kShownAddresses + 2; ++i)
    give(world, "a" + std::to_string(i) + "@lagoon.example", "lagoon");
  for (const auto* id : {"atoll", "reef", "dune"}) world.make_tenant(id);
  const auto diagnosis = look(world);
  const auto lagoon = of(diagnosis, "lagoon");
  EXPECT_THAT(lagoon.addresses, SizeIs(Diagnosis::kShownAddresses));
  EXPECT_EQ(lagoon.address_count, Diagnosis::kShownAddresses + 2);
  std::vector<std::string> seen;
  std::string after;
  for (bool more = true; more;) {
    const auto page = diagnosis.tenants(after, 2);
    EXPECT_EQ(page.total, 5);
    for (const auto& one : page.tenants) seen.push_back(one.tenant);
    more = page.more;
    after = seen.back();
  }
  EXPECT_THAT(seen, ElementsAre("atoll", "dune", "lagoon", "reef", "savanna"));
}

TEST_F(Diagnosed, foresees_what_becomes_of_a_mail_and_touches_nothing) {
  World world;
  world.make_tenant("reef");
  world.tenants->suspend(world.admin, "savanna", "unpaid bills");
  off = {"reef"};
  const auto diagnosis = look(world);
  const auto fates = diagnosis.foresee(World::mail_to(
      {"lagoon@mail.example", "x+savanna@mail.example", "reef@mail.example", "who@mail.example"}));
  std::vector<std::string> told;
  for (const auto& fate : fates)
    told.push_back(fate.recipient + " " + fate.fate + " " +
                   (fate.found ? fate.found->tenant : "nobody"));
  EXPECT_THAT(
      told, ElementsAre("lagoon@mail.example tenant lagoon", "x+savanna@mail.example later savanna",
                        "reef@mail.example later reef", "who@mail.example inbox nobody"));
  EXPECT_EQ(diagnosis.foresee(World::mail_to({})).at(0).fate, "inbox");
  EXPECT_THAT(world.taken(), IsEmpty());
  EXPECT_EQ(world.mail->inbox().use().messages, 0);
  // What it foresees is what happens.
  world.receive(World::mail_to({"lagoon@mail.example", "who@mail.example"}));
  EXPECT_THAT(world.taken(), SizeIs(1));
  EXPECT_EQ(world.mail->inbox().use().messages, 1);
}

TEST(Form, shows_its_fields_and_little_of_their_content) {
  const std::string type = "multipart/form-data; boundary=b";
  const auto part = [](const std::string& head, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=" + head + "\r\n\r\n" + value + "\r\n";
  };
  const auto fields =
      fields_of_form(part("\"from\"", "ann@there.example") + part("\"text\"", "secret words") +
                         part("\"subject\"", std::string(3000, 's')) +
                         part("\"to\"; filename=\"to.txt\"", "a file's bytes") + "--b--\r\n",
                     type);
  ASSERT_THAT(fields, SizeIs(4));
  EXPECT_EQ(fields[0].value, "ann@there.example");
  EXPECT_EQ(fields[1].name, "text");
  EXPECT_EQ(fields[1].size, 12);
  EXPECT_EQ(fields[1].value, "");
  EXPECT_EQ(fields[2].size, 3000);
  EXPECT_EQ(fields[2].value, std::string(1024, 's'));
  EXPECT_EQ(fields[3].file_name, "to.txt");
  EXPECT_EQ(fields[3].value, "");
}

}  // namespace
}  // namespace mail_in_test
