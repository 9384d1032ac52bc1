// A tenant-private plugin: on for the tenants its key names, whatever anybody else says.
#include "e2e/trust_house.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class TenantPrivate : public TrustingHost {
 protected:
  void SetUp() override {
    trust(ada_, "tenant-private", "tenants: [lagoon]\n");
    ours_ = host_.make_tenant("lagoon");
    theirs_ = host_.make_tenant("reef");
    const auto answer = upload(read_file(ada_.signed_package(library_of("probe"))),
                               {{"placement", "in-process"}, {"for_all_tenants", "true"}});
    ASSERT_EQ(answer.status, 201) << answer.body;
    ASSERT_EQ(answer.json()["data"]["trust"], "tenant-private");
    ASSERT_EQ(answer.json()["data"]["tenants"], json::array({"lagoon"}));
  }
  void expect_private() {
    EXPECT_EQ(host_.client(ours_).get("/api/v1/probe/notes").status, 200);
    for (const auto* path : {"/api/v1/probe/notes", "/api/v1/probe/settings"}) {
      const auto refused = host_.client(theirs_).get(path);
      EXPECT_EQ(refused.status, 403) << path;
      EXPECT_EQ(refused.json()["code"], "plugin_disabled");
      EXPECT_THAT(refused.body, Not(HasSubstr("lagoon"))) << "who has it is nobody's business";
    }
    EXPECT_EQ(host_.client(theirs_)
                  .post("/api/v1/probe/notes", {{"text", "mine"}, {"tags", json::array()}})
                  .status,
              403);
  }

  Person ours_, theirs_;
};

TEST_F(TenantPrivate, plugin_answers_its_tenants_alone) {
  expect_private();
  EXPECT_EQ(
      host_.admin().get("/api/v1/admin/tenants/lagoon/plugins/probe").json()["data"]["enabled"],
      true);
  EXPECT_EQ(host_.admin().get("/api/v1/admin/tenants/reef/plugins/probe").json()["data"]["enabled"],
            false);
}

TEST_F(TenantPrivate, plugin_cannot_be_switched_on_for_another_tenant) {
  host_.admin().send("PUT", "/api/v1/admin/tenants/reef/plugins/probe", R"({"enabled":true})");
  EXPECT_EQ(host_.admin().get("/api/v1/admin/tenants/reef/plugins/probe").json()["data"]["enabled"],
            false);
  expect_private();
  host_.restart();
  expect_private();
}

TEST_F(TenantPrivate, plugin_follows_its_key_to_another_tenant_at_the_next_load) {
  trust(ada_, "tenant-private", "tenants: [reef]\n");
  ASSERT_EQ(host_.run({"plugin", "reload", "probe"}).status, 0);
  EXPECT_EQ(host_.client(theirs_).get("/api/v1/probe/notes").status, 200);
  EXPECT_EQ(host_.client(ours_).get("/api/v1/probe/notes").status, 403);
}

// An open route has no tenant, so it is nobody's.
TEST_F(TenantPrivate, plugin_has_no_open_routes) {
  ASSERT_EQ(
      upload(read_file(ada_.signed_package(library_of("hello"))), {{"placement", "in-process"}})
          .status,
      201);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 403);
}

}  // namespace
}  // namespace serai_test
