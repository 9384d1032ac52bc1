// Links open for the route, tenant and subject they were signed for, and for nothing else.
#include "tenancy/links.hpp"

#include <gmock/gmock.h>

#include "fixture.hpp"

namespace tenancy_test {
namespace {

using namespace std::chrono_literals;

CallToken plugin_of(const std::string& tenant, const std::string& plugin = "quotes") {
  return tenancy::TokenMint::for_job(tenant, "", "request", std::chrono::steady_clock::now() + 1min)
      .through(plugin);
}

tenancy::Links::Key some_key() {
  tenancy::Links::Key key{};
  const auto random = uuid_v7() + uuid_v7();
  std::copy_n(random.begin() + 4, key.size(), key.begin());
  return key;
}

struct Links : ::testing::Test {
  std::string refusal(const std::string& link, const std::string& plugin = "quotes",
                      const std::string& handler = "view") {
    try {
      const auto opened = links.open(plugin, handler, link);
      return "opened for " + opened.tenant;
    } catch (const Problem& problem) {
      return problem.code();
    }
  }
  tenancy::Links links{some_key(), "https://api.example.com"};
};

TEST_F(Links, open_for_the_tenant_and_subject_they_were_signed_for) {
  for (const auto until : {std::optional<Timestamp>(), std::optional(now() + 1min)}) {
    const auto opened =
        links.open("quotes", "view", links.sign(plugin_of("lagoon"), "view", "QT-1 €", until));
    EXPECT_EQ(opened.tenant, "lagoon");
    EXPECT_EQ(opened.subject, "QT-1 €");
  }
}

TEST_F(Links, are_refused_by_every_other_route_plugin_and_key) {
  const auto link = links.sign(plugin_of("lagoon"), "view", "QT-1", {});
  EXPECT_EQ(refusal(link), "opened for lagoon");
  EXPECT_EQ(refusal(link, "quotes", "accept"), "link_invalid");
  EXPECT_EQ(refusal(link, "invoicing"), "link_invalid");
  EXPECT_EQ(refusal(link, "quote", "sview"), "link_invalid") << "the border is part of it";
  const tenancy::Links others(some_key(), "https://api.example.com");
  EXPECT_THROW(others.open("quotes", "view", link), Problem);
}

TEST_F(Links, do_not_survive_any_change) {
  const auto link = links.sign(plugin_of("lagoon"), "view", "QT-1", now() + 1min);
  for (std::size_t i = 0; i < link.size(); ++i) {
    for (const char other : {'A', 'b', '_', '=', '.'}) {
      auto changed = link;
      changed[i] = other;
      if (changed != link) {
        EXPECT_EQ(refusal(changed), "link_invalid") << i;
      }
    }
    EXPECT_EQ(refusal(link.substr(0, i)), "link_invalid") << i;
  }
  EXPECT_EQ(refusal(link + "A"), "link_invalid");
  EXPECT_EQ(refusal(std::string(100'000, 'A')), "link_invalid");
  EXPECT_EQ(refusal(std::string(20, '\0')), "link_invalid");
}

TEST_F(Links, move_no_byte_between_tenant_and_subject) {
  const auto one = links.sign(plugin_of("lagoon"), "view", "x1", {});
  const auto other = links.sign(plugin_of("lagoonx"), "view", "1", {});
  EXPECT_NE(one, other);
  EXPECT_EQ(links.open("quotes", "view", one).subject, "x1");
  EXPECT_EQ(links.open("quotes", "view", other).tenant, "lagoonx");
}

TEST_F(Links, end_at_their_time) {
  EXPECT_EQ(refusal(links.sign(plugin_of("lagoon"), "view", "QT-1", now() - 2s)), "link_expired");
  EXPECT_EQ(refusal(links.sign(plugin_of("lagoon"), "view", "QT-1", Timestamp(-5s))),
            "link_expired");
  EXPECT_EQ(refusal(links.sign(plugin_of("lagoon"), "view", "QT-1", now() + 1min)),
            "opened for lagoon");
}

TEST_F(Links, take_subjects_of_1_to_200_bytes) {
  EXPECT_THROW(links.sign(plugin_of("lagoon"), "view", "", {}), Problem);
  EXPECT_THROW(links.sign(plugin_of("lagoon"), "view", std::string(201, 'x'), {}), Problem);
  const std::string longest(200, 'x');
  EXPECT_EQ(
      links.open("quotes", "view", links.sign(plugin_of("lagoon"), "view", longest, {})).subject,
      longest);
}

}  // namespace
}  // namespace tenancy_test
