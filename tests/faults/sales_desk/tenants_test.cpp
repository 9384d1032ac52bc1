// The tenant itself has a bad day in the middle: it is suspended, deleted, or used up.
#include <gmock/gmock.h>

#include "faults/sales_desk/one_of_each.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class TenantsDay : public testing::TestWithParam<bool> {
 protected:
  // The states on the way in which something happens to the tenant.
  std::map<std::string, std::function<bool()>> steps(SalesDesk& desk) {
    std::map<std::string, std::function<bool()>> out;
    out["stored"] = [] { return true; };
    out["ticket"] = [&desk] { return !desk.tickets_of("ticket").empty(); };
    out["quote"] = [&desk] { return !desk.quotes_of("quote").empty(); };
    out["mail"] = [&desk] { return !desk.mails_to("mail").empty(); };
    return out;
  }
  static int live(SalesDesk& desk) { return desk.host().management().get("/health/ready").status; }
};

TEST_P(TenantsDay, suspended_in_the_middle_it_goes_on_where_it_was) {
  SalesDesk desk({.isolated = GetParam()});
  std::vector<std::string> names;
  for (const auto& [name, reached] : steps(desk)) {
    SCOPED_TRACE(name);
    ASSERT_EQ(desk.deliver(name).status, 200);
    ASSERT_TRUE(eventually(reached));
    ASSERT_EQ(desk.host()
                  .admin()
                  .post("/api/v1/admin/tenants/lagoon/suspend", {{"reason", "Did not pay"}})
                  .status,
              200);
    EXPECT_EQ(desk.deliver("refused").status, 403) << "nothing is taken in that would not be done";
    EXPECT_EQ(desk.host().client(desk.lagoon()).get("/api/v1/inbound/tickets").status, 403);
    ASSERT_EQ(desk.host().admin().send("POST", "/api/v1/admin/tenants/lagoon/activate", "").status,
              200);
    desk.host().login(desk.lagoon());
    names.push_back(name);
  }
  for (const auto& name : names) expect_one_of_each(desk, name);
  expect_one_mail_each(desk, names, "last");
  EXPECT_TRUE(desk.tickets_of("refused").empty());
}

TEST_P(TenantsDay, deleted_in_the_middle_it_leaves_nothing_and_nobody_minds) {
  SalesDesk desk({.isolated = GetParam()});
  for (const auto& [name, reached] : steps(desk)) {
    SCOPED_TRACE(name);
    ASSERT_EQ(desk.deliver(name).status, 200);
    ASSERT_TRUE(eventually(reached));
    const auto gone = desk.host().admin().remove("/api/v1/admin/tenants/lagoon?confirm=true");
    ASSERT_EQ(gone.status / 100, 2) << gone.body;
    EXPECT_EQ(desk.deliver(name).status, 404);
    EXPECT_EQ(live(desk), 200);
    // Another tenant by that name starts with nothing, and the old one's work does not reach it.
    desk.found_again();
    EXPECT_TRUE(desk.tickets_of(name).empty());
    EXPECT_TRUE(desk.quotes_of(name).empty());
    EXPECT_TRUE(desk.mails_to(name).empty());
  }
  ASSERT_EQ(desk.deliver("last").status, 200);
  expect_one_of_each(desk, "last");
  for (const auto& [name, reached] : steps(desk)) {
    EXPECT_TRUE(desk.tickets_of(name).empty()) << name;
    EXPECT_TRUE(desk.mails_to(name).empty()) << name;
  }
}

// Its day's mails are used up: the quote is there for a person to send, and the ticket says why.
TEST_P(TenantsDay, at_its_limit_of_mails_it_keeps_the_quote) {
  SalesDesk desk({.isolated = GetParam(), .settings = {{"mail", {{"daily_limit", 1}}}}});
  ASSERT_EQ(desk.deliver("first").status, 200);
  expect_one_of_each(desk, "first");
  ASSERT_EQ(desk.deliver("second").status, 200);
  ASSERT_TRUE(eventually([&] { return !desk.quotes_of("second").empty(); }));
  ASSERT_TRUE(eventually([&] { return !desk.tickets_of("second").empty(); }));
  EXPECT_EQ(desk.quotes_of("second").size(), 1U);
  EXPECT_EQ(desk.quotes_of("second")[0]["status"], "draft");
  EXPECT_TRUE(desk.mails_to("second").empty());
  const auto said = desk.tickets_of("second")[0]["metadata"]["auto_quote"];
  EXPECT_THAT(said.dump(), HasSubstr("used up")) << said;
  EXPECT_EQ(desk.list(desk.lagoon(), "/api/v1/crm/clients").size(), 2U);
}

// Its quota of calls is used up: the mail waits with its ticket, and all is done when there is
// more.
TEST_P(TenantsDay, at_a_quota_it_has_the_ticket_and_says_why_there_is_no_quote) {
  SalesDesk desk({.isolated = GetParam()});
  const auto quota = [&](int limit) {
    const auto answer = desk.host().admin().send(
        "PUT", "/api/v1/admin/tenants/lagoon/plugins/quotes",
        json{{"quotas", {{{"unit", "calls"}, {"limit", limit}, {"per", "month"}}}}}.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  quota(0);
  ASSERT_EQ(desk.deliver("poor").status, 200);
  ASSERT_TRUE(eventually([&] { return !desk.tickets_of("poor").empty(); }));
  quota(1'000'000);
  const auto ticket = desk.tickets_of("poor")[0];
  EXPECT_THAT(ticket["metadata"]["auto_quote"].dump(), HasSubstr("quota")) << ticket;
  EXPECT_TRUE(desk.quotes_of("poor").empty());
  ASSERT_EQ(desk.deliver("rich").status, 200);
  expect_one_of_each(desk, "rich");
}

INSTANTIATE_TEST_SUITE_P(Placement, TenantsDay, testing::Bool(), [](const auto& isolated) {
  return isolated.param ? "isolated" : "in_process";
});

}  // namespace
}  // namespace serai_test
