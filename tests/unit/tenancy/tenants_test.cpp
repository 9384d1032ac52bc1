// Tenants: made, changed, suspended, destroyed.
#include "unit/tenancy/fixture.hpp"

namespace {

using namespace host;
using tenancy::TenantStatus;
struct TenantsTest : tenancy_test::Fixture {};

TEST_F(TenantsTest, a_created_tenant_is_found_and_has_a_store) {
  auto tenant = draft("blue_sky-1");
  tenant.settings = {{"branding", {{"primary_color", "#123456"}}}};
  tenants->create(admin, tenant);
  const auto found = tenants->find("blue_sky-1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "Company blue_sky-1");
  EXPECT_EQ(found->settings["branding"]["primary_color"], "#123456");
  EXPECT_EQ(found->status, TenantStatus::active);
  const auto token = tenancy::TokenMint::for_tenant_administration(admin, "blue_sky-1");
  EXPECT_EQ(problem_of([&] { store->tenant(token); }), "");
}

TEST_F(TenantsTest, a_second_of_the_same_id_is_refused) {
  tenants->create(admin, draft("blue"));
  EXPECT_EQ(problem_of([&] { tenants->create(admin, draft("blue")); }), "409 tenant_exists");
}

TEST_F(TenantsTest, every_fault_of_a_new_tenant_is_named_at_once) {
  auto tenant = draft("../Evil");
  tenant.name = "";
  tenant.currency = "usd";
  tenant.timezone = "../../etc/passwd";
  try {
    tenants->create(admin, tenant);
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 422);
    EXPECT_EQ(problem.errors().size(), 4U);
  }
  for (const char* id : {"ab", "has space", "UPPER", "dot.dot", "a/b", "tab\t", ""})
    EXPECT_EQ(problem_of([&] { tenants->create(admin, draft(id)); }), "422 validation_failed")
        << id;
  EXPECT_EQ(problem_of([&] { tenants->create(admin, draft(std::string(51, 'a'))); }),
            "422 validation_failed");
  for (const char* zone : {"Mars/Olympus", "/etc/localtime", "utc", "Europe"}) {
    tenant = draft("blue");
    tenant.timezone = zone;
    EXPECT_EQ(problem_of([&] { tenants->create(admin, tenant); }), "422 validation_failed") << zone;
  }
}

TEST_F(TenantsTest, only_the_platforms_administrator_makes_and_unmakes) {
  tenants->create(admin, draft("blue"));
  const auto somebody = tenancy::TokenMint::for_job("blue", "", "r", Deadline::max());
  const auto is_refused = [&](auto action) {
    EXPECT_EQ(problem_of(action), "403 platform_admin_required");
  };
  is_refused([&] { tenants->create(somebody, draft("green")); });
  is_refused([&] { tenants->suspend(somebody, "blue", "because"); });
  is_refused([&] { tenants->activate(somebody, "blue"); });
  is_refused([&] { tenants->destroy(somebody, "blue"); });
}

TEST_F(TenantsTest, a_tenant_changes_its_own_settings_and_no_others) {
  tenants->create(admin, draft("blue"));
  tenants->create(admin, draft("green"));
  const auto blue = tenancy::TokenMint::for_job("blue", "", "r", Deadline::max());
  auto changed = *tenants->find("blue");
  changed.settings["company"] = {{"website", "https://blue.example"}};
  changed.status = TenantStatus::suspended;
  tenants->update(blue, changed);
  EXPECT_EQ(tenants->find("blue")->settings["company"]["website"], "https://blue.example");
  EXPECT_EQ(tenants->find("blue")->status, TenantStatus::active);
  EXPECT_EQ(problem_of([&] { tenants->update(blue, *tenants->find("green")); }),
            "403 tenant_mismatch");
  EXPECT_EQ(problem_of([&] { tenants->update(admin, draft("nowhere")); }), "404 unknown_tenant");
}

TEST_F(TenantsTest, suspension_is_seen_by_the_next_read_and_needs_a_reason) {
  tenants->create(admin, draft("blue"));
  EXPECT_EQ(problem_of([&] { tenants->suspend(admin, "blue", "shrt"); }), "422 validation_failed");
  tenants->suspend(admin, "blue", "not paid");
  EXPECT_EQ(tenants->status("blue"), TenantStatus::suspended);
  EXPECT_EQ(tenants->find("blue")->suspended_reason, "not paid");
  tenants->activate(admin, "blue");
  EXPECT_EQ(tenants->status("blue"), TenantStatus::active);
  EXPECT_EQ(tenants->find("blue")->suspended_reason, "");
  EXPECT_EQ(problem_of([&] { tenants->suspend(admin, "nowhere", "not paid"); }),
            "404 unknown_tenant");
}

TEST_F(TenantsTest, what_was_kept_is_there_after_a_restart) {
  tenants->create(admin, draft("blue"));
  tenants->suspend(admin, "blue", "not paid");
  const auto again = tenancy::make_tenants(*store);
  EXPECT_EQ(again->status("blue"), TenantStatus::suspended);
  EXPECT_EQ(again->list().size(), 1U);
}

TEST_F(TenantsTest, destruction_calls_every_store_with_the_tenants_token) {
  tenants->create(admin, draft("blue"));
  std::vector<std::string> forgotten;
  for (int i = 0; i < 2; ++i) {
    tenants->on_destroy([&](const CallToken& token) {
      EXPECT_EQ(tenants->status("blue"), TenantStatus::suspended);
      forgotten.push_back(token.tenant());
    });
  }
  tenants->destroy(admin, "blue");
  EXPECT_EQ(forgotten, (std::vector<std::string>{"blue", "blue"}));
  EXPECT_FALSE(tenants->find("blue"));
  EXPECT_EQ(problem_of([&] { tenants->destroy(admin, "blue"); }), "404 unknown_tenant");
  EXPECT_FALSE(std::filesystem::exists(folder / "data" / "tenants" / "blue"));
}

TEST_F(TenantsTest, a_store_that_fails_to_forget_leaves_the_tenant_shut_and_removable) {
  tenants->create(admin, draft("blue"));
  bool broken = true;
  int others = 0;
  tenants->on_destroy([&](const CallToken&) {
    if (broken) throw std::runtime_error("disk on fire");
  });
  tenants->on_destroy([&](const CallToken&) { ++others; });
  EXPECT_EQ(problem_of([&] { tenants->destroy(admin, "blue"); }), "500 tenant_not_removed");
  EXPECT_EQ(others, 1);
  EXPECT_EQ(tenants->status("blue"), TenantStatus::suspended);
  broken = false;
  tenants->destroy(admin, "blue");
  EXPECT_FALSE(tenants->find("blue"));
}

}  // namespace
