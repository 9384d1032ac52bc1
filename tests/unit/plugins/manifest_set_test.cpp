// Plugins side by side: clashes, missing services, cycles, order of loading.
#include <gtest/gtest.h>

#include "plugins/manifest.hpp"

namespace host::plugins {
namespace {

Manifest named(const std::string& id) {
  Manifest manifest;
  manifest.id = id;
  manifest.mounts = {"/api/v1/" + id};
  return manifest;
}

std::vector<SetFault> check(const std::vector<Manifest>& manifests) {
  std::vector<const Manifest*> pointers;
  for (const auto& manifest : manifests) pointers.push_back(&manifest);
  return check_set(pointers);
}

TEST(ManifestSet, is_fine_with_nothing_in_common) {
  EXPECT_TRUE(check({named("crm"), named("quotes")}).empty());
}

TEST(ManifestSet, refuses_two_plugins_of_one_id) {
  const auto faults = check({named("crm"), named("crm")});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].sentence,
            "crm: plugin.yaml: id: two files claim \"crm\"; remove one of them.");
}

TEST(ManifestSet, refuses_a_mount_inside_of_another_plugins) {
  auto mine = named("quotes");
  mine.mounts = {"/api/v1/crm/quotes"};
  const auto faults = check({named("crm"), mine});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].plugin, "quotes");
  EXPECT_NE(
      faults[0].sentence.find("mounts[0]: \"/api/v1/crm/quotes\" clashes with \"/api/v1/crm\""),
      std::string::npos);
}

TEST(ManifestSet, lets_mounts_stand_beside_each_other_that_only_begin_alike) {
  EXPECT_TRUE(check({named("crm"), named("crmx")}).empty());
}

TEST(ManifestSet, refuses_ids_whose_tables_would_begin_alike) {
  const auto faults = check({named("inbound"), named("inbound-email")});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].sentence.find("tables would begin like those of \"inbound\""),
            std::string::npos);
}

TEST(ManifestSet, names_the_service_that_nobody_provides) {
  auto helpdesk = named("helpdesk");
  helpdesk.required_services = {"ai.chat/1"};
  const auto faults = check({helpdesk});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].sentence,
            "helpdesk: plugin.yaml: services.requires[0]: no loaded plugin provides \"ai.chat/1\"; "
            "enable one that does or make the service optional.");
}

TEST(ManifestSet, refuses_two_providers_of_one_service) {
  auto a = named("aa"), b = named("bb");
  a.provides = b.provides = {{"x.y/1", "h", "s"}};
  const auto faults = check({a, b});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].plugin, "bb");
  EXPECT_NE(faults[0].sentence.find("already provided by plugin \"aa\""), std::string::npos);
}

TEST(ManifestSet, names_the_cycle) {
  auto a = named("aa"), b = named("bb"), c = named("cc");
  a.provides = {{"a.x/1", "h", "s"}};
  b.provides = {{"b.x/1", "h", "s"}};
  c.provides = {{"c.x/1", "h", "s"}};
  a.required_services = {"b.x/1"};
  b.required_services = {"c.x/1"};
  c.required_services = {"a.x/1"};
  const auto faults = check({a, b, c});
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_NE(faults[0].sentence.find("aa -> bb -> cc -> aa"), std::string::npos);
}

TEST(ManifestSet, loads_providers_before_those_who_need_them) {
  auto a = named("aa"), b = named("bb"), c = named("cc");
  c.provides = {{"c.x/1", "h", "s"}};
  b.provides = {{"b.x/1", "h", "s"}};
  a.required_services = {"b.x/1"};
  b.required_services = {"c.x/1"};
  EXPECT_EQ(load_order({&a, &b, &c}), (std::vector<std::size_t>{2, 1, 0}));
}

}  // namespace
}  // namespace host::plugins
