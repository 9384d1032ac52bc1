// What plugins use, as the administrator and a tenant's owner read it; quotas and denials as they
// set and meet them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Usage : public testing::Test {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"hello", "probe"};
    return out;
  }

  static std::int64_t sum(const json& answer) {
    std::int64_t total = 0;
    for (const auto& row : answer["data"]) total += row["amount"].get<std::int64_t>();
    return total;
  }
  std::int64_t calls_of(const std::string& tenant) const {
    return sum(host_.admin().get("/api/v1/admin/usage?unit=calls&tenant=" + tenant).json());
  }
  Answer set(const std::string& tenant, const json& choice) const {
    return host_.admin().send("PUT", "/api/v1/admin/tenants/" + tenant + "/plugins/probe",
                              choice.dump());
  }

  RunningHost host_{options()};
};

TEST_F(Usage, is_shown_to_the_administrator_by_tenant_and_to_an_owner_of_his_own) {
  const auto big = host_.make_tenant("big"), small = host_.make_tenant("small");
  for (int i = 0; i < 7; ++i) ASSERT_EQ(host_.client(big).get("/api/v1/probe/notes").status, 200);
  ASSERT_EQ(host_.client(small).get("/api/v1/probe/notes").status, 200);
  ASSERT_TRUE(eventually([&] { return calls_of("big") == 7 && calls_of("small") == 1; }));

  const auto all = host_.admin().get("/api/v1/admin/usage?group_by=tenant&unit=calls").json();
  EXPECT_GE(all["count"], 2);
  const auto by_day =
      host_.admin().get("/api/v1/admin/usage?group_by=plugin,day&tenant=big&unit=sql_statements");
  EXPECT_EQ(sum(by_day.json()), 7) << by_day.body;
  EXPECT_EQ(by_day.json()["data"][0]["plugin"], "probe");
  EXPECT_EQ(by_day.json()["data"][0]["time"].get<std::string>().size(), 10U);

  const auto own = host_.client(small).get("/api/v1/usage?unit=calls");
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(sum(own.json()), 1) << own.body;
  EXPECT_EQ(sum(host_.client(small).get("/api/v1/usage?unit=calls&tenant=big").json()), 1)
      << "an owner cannot name a tenant";
  EXPECT_EQ(host_.client(small).get("/api/v1/usage?group_by=tenant,plugin").status, 422);
  EXPECT_THAT(host_.client(small).get("/api/v1/usage?group_by=plugin,hour").body,
              Not(HasSubstr("big")));
  EXPECT_EQ(host_.client(small).get("/api/v1/admin/usage").status, 401);
  const auto clerk = host_.invite(small, "clerk@small.example", "admin");
  EXPECT_EQ(host_.client(clerk).get("/api/v1/usage").status, 403) << "only who may read it";
}

TEST_F(Usage, is_paged_and_refuses_what_it_does_not_understand) {
  const auto owner = host_.make_tenant("paged");
  ASSERT_EQ(host_.client(owner).get("/api/v1/probe/notes").status, 200);
  ASSERT_TRUE(eventually([&] { return calls_of("paged") == 1; }));
  const auto first = host_.admin().get("/api/v1/admin/usage?tenant=paged&limit=2").json();
  EXPECT_EQ(first["count"], 2);
  EXPECT_EQ(first["next"], 2);
  const auto second = host_.admin().get("/api/v1/admin/usage?tenant=paged&limit=2&offset=2").json();
  EXPECT_NE(first["data"], second["data"]);
  EXPECT_EQ(host_.admin().get("/api/v1/admin/usage?tenant=paged&limit=1000").json()["next"],
            nullptr);
  EXPECT_EQ(sum(host_.admin()
                    .get("/api/v1/admin/usage?tenant=paged&to=2020-01-02&from=2020-01-01")
                    .json()),
            0);
  for (const char* bad :
       {"from=yesterday", "to=1", "from=2026-02-01&to=2026-01-01", "group_by=colour",
        "group_by=day,hour", "limit=0", "limit=5000", "offset=-1", "group_by="})
    EXPECT_EQ(host_.admin().get(std::string("/api/v1/admin/usage?") + bad).status, 422) << bad;
  const auto document = host_.client().get("/openapi.json").json();
  EXPECT_TRUE(document["paths"].contains("/api/v1/usage"));
}

TEST_F(Usage, survives_a_graceful_stop_whole_and_leaves_with_its_tenant) {
  const auto owner = host_.make_tenant("leaving");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(host_.client(owner).get("/api/v1/probe/notes").status, 200);
  host_.restart();
  EXPECT_EQ(calls_of("leaving"), 5);
  ASSERT_EQ(host_.admin().remove("/api/v1/admin/tenants/leaving?confirm=true").status, 200);
  EXPECT_EQ(host_.admin().get("/api/v1/admin/usage?tenant=leaving").json()["count"], 0);
  host_.restart();
  EXPECT_EQ(host_.admin().get("/api/v1/admin/usage?tenant=leaving").json()["count"], 0);
}

TEST_F(Usage, over_a_quota_is_refused_by_name_for_that_tenant_alone_and_after_a_restart) {
  const auto limited = host_.make_tenant("limited"), other = host_.make_tenant("other");
  const auto answer =
      set("limited", {{"quotas", {{{"unit", "calls"}, {"limit", 2}, {"per", "month"}}}}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()["data"]["quotas"][0]["limit"], 2);
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(host_.client(limited).get("/api/v1/probe/notes").status, 200);
  const auto check = [&] {
    const auto refused = host_.client(limited).get("/api/v1/probe/notes");
    EXPECT_EQ(refused.status, 429);
    const auto problem = refused.json();
    EXPECT_EQ(problem["code"], "quota_exceeded");
    EXPECT_THAT(problem["detail"], HasSubstr("2 calls per month"));
    EXPECT_EQ(problem["errors"][0]["detail"], "calls");
    EXPECT_GT(std::stoi(refused.headers.at("retry-after")), 0);
    EXPECT_EQ(host_.client(other).get("/api/v1/probe/notes").status, 200);
  };
  check();
  host_.restart();
  check();
  ASSERT_EQ(
      set("limited", {{"quotas", {{{"unit", "calls"}, {"limit", 3}, {"per", "month"}}}}}).status,
      200);
  EXPECT_EQ(host_.client(limited).get("/api/v1/probe/notes").status, 200) << "raised";
  for (const json& bad : {json{{"unit", "calls"}, {"limit", -1}, {"per", "day"}},
                          json{{"unit", "calls"}, {"limit", 1}},
                          json{{"unit", "CALLS"}, {"limit", 1}, {"per", "day"}},
                          json{{"unit", "calls"}, {"limit", 1}, {"per", "year"}}})
    EXPECT_EQ(set("limited", {{"quotas", {bad}}}).status, 422) << bad;
}

TEST_F(Usage, of_a_denied_interface_is_refused_and_on_record) {
  const auto denied = host_.make_tenant("denied"), other = host_.make_tenant("other");
  ASSERT_EQ(set("denied", {{"denied_interfaces", {"sql"}}}).status, 200);
  EXPECT_EQ(host_.client(denied).get("/api/v1/probe/notes").status, 403);
  EXPECT_EQ(host_.client(other).get("/api/v1/probe/notes").status, 200);
  EXPECT_TRUE(eventually([&] {
    const auto record = host_.admin().get("/api/v1/admin/audit").json();
    for (const auto& entry : record["data"])
      if (entry["action"] == "plugin.denied" && entry["details"]["tenant"] == "denied") return true;
    return false;
  }));
  EXPECT_EQ(set("denied", {{"denied_interfaces", {"sqll"}}}).status, 422);
  EXPECT_THAT(host_.management().get("/metrics").body,
              HasSubstr("serai_plugin_denied_uses_total{plugin=\"probe\"} 1"));
}

}  // namespace
}  // namespace serai_test
