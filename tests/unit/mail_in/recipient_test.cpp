// Whose mail it is.
#include "mail_in/recipient.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host::mail_in {
namespace {

const Lookups kHouse{
    [](const std::string& address) -> std::optional<std::string> {
      const std::map<std::string, std::string> known{{"desk@lagoon.example", "lagoon"},
                                                     {"savanna@mail.example", "lagoon"},
                                                     {"old@lagoon.example", "gone"}};
      const auto found = known.find(address);
      if (found == known.end()) return std::nullopt;
      return found->second;
    },
    [](const std::string& tenant) {
      return tenant == "lagoon" || tenant == "savanna" || tenant == "info" || tenant == "blue-reef";
    }};
const RecipientRules kRules{{"mail.example", "in.example"},
                            {Strategy::address, Strategy::local_part, Strategy::plus}};

std::string whose(const std::string& address, const RecipientRules& rules = kRules) {
  const auto parsed = parse_address(address);
  if (!parsed) return "malformed";
  const auto found = tenant_of(*parsed, rules, kHouse);
  return found ? found->tenant + " by " + std::string(name_of(found->by)) : "nobody's";
}

TEST(Recipient, is_who_was_given_the_address_then_the_local_part_then_what_follows_a_plus) {
  EXPECT_EQ(whose("desk@lagoon.example"), "lagoon by address");
  EXPECT_EQ(whose("Desk@Lagoon.Example"), "lagoon by address");
  EXPECT_EQ(whose("savanna@mail.example"), "lagoon by address");
  EXPECT_EQ(whose("savanna@in.example"), "savanna by local_part");
  EXPECT_EQ(whose("LAGOON@MAIL.EXAMPLE"), "lagoon by local_part");
  EXPECT_EQ(whose("sales+blue-reef@mail.example"), "blue-reef by plus");
  EXPECT_EQ(whose("a+b+lagoon@mail.example"), "lagoon by plus");
  EXPECT_EQ(whose("lagoon+savanna@mail.example"), "savanna by plus");
}

TEST(Recipient, is_nobody_elsewhere_by_reserved_names_or_by_half_a_name) {
  for (const auto* address :
       {"lagoon@elsewhere.example", "sales+lagoon@elsewhere.example", "lagoon@sub.mail.example",
        "lagoon@mail.example.evil.example", "info@mail.example", "x+info@mail.example",
        "+lagoon@mail.example", "lagoon+@mail.example", "lagoo@mail.example", "postmaster",
        "old@lagoon.example", "lagoon@[127.0.0.1]"})
    EXPECT_EQ(whose(address), "nobody's") << address;
}

TEST(Recipient, is_found_only_by_the_strategies_that_are_on) {
  auto rules = kRules;
  rules.strategies = {Strategy::plus};
  EXPECT_EQ(whose("desk@lagoon.example", rules), "nobody's");
  EXPECT_EQ(whose("lagoon@mail.example", rules), "nobody's");
  EXPECT_EQ(whose("a+lagoon@mail.example", rules), "lagoon by plus");
  rules.strategies = {};
  EXPECT_EQ(whose("a+lagoon@mail.example", rules), "nobody's");
}

TEST(Recipient, is_what_a_mail_claims_only_where_that_is_allowed) {
  const std::string mail =
      "From: eve@x.example\r\nX-Tenant-Id:\r\n savanna\r\nSubject: Hello\r\n\t[Tenant: Lagoon ]\r\n"
      "\r\nX-Tenant-ID: blue-reef\r\n";
  const auto claimed = [&](const std::string& text, std::set<Strategy> strategies) {
    const auto found = tenant_claimed(text, {{"mail.example"}, std::move(strategies)}, kHouse);
    return found ? found->tenant : "nobody's";
  };
  EXPECT_EQ(claimed(mail, kRules.strategies), "nobody's");
  EXPECT_EQ(claimed(mail, {Strategy::header}), "savanna");
  EXPECT_EQ(claimed(mail, {Strategy::subject}), "lagoon");
  EXPECT_EQ(claimed(mail, {Strategy::header, Strategy::subject}), "savanna");
  EXPECT_EQ(claimed("Subject: x\r\n\r\nX-Tenant-ID: lagoon\r\n", {Strategy::header}), "nobody's");
  EXPECT_EQ(claimed("Subject: [TENANT:nobody]\r\n\r\n", {Strategy::subject}), "nobody's");
  EXPECT_EQ(claimed("Subject: [TENANT:lagoon\r\n\r\n", {Strategy::subject}), "nobody's");
  EXPECT_EQ(claimed("", {Strategy::header, Strategy::subject}), "nobody's");
}

TEST(Recipient, is_read_as_the_envelope_writes_it) {
  EXPECT_EQ(parse_address("\"a \\\"b\"@X.y"), (Address{"a \"b", "x.y"}));
  EXPECT_EQ(parse_address("@a,@b:anna@x.y"), (Address{"anna", "x.y"}));
  EXPECT_EQ(parse_address("anna@[IPv6:::1]"), (Address{"anna", "[ipv6:::1]"}));
  for (const std::string bad :
       {"", "@", "anna", "@x.y", "anna@", "anna@x..", "anna@.x", "anna@x y", "a b@x.y", "a@b@x.y",
        "\"\"@x.y", "\"a@x.y", "anna@x.y ", "a\nb@x.y", "@a", "anna@x/y"})
    EXPECT_EQ(parse_address(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_address(std::string(65, 'a') + "@x.y"), std::nullopt);
  EXPECT_EQ(parse_address("a@" + std::string(256, 'x')), std::nullopt);
}

}  // namespace
}  // namespace host::mail_in
