// The fake host keeps the manifest's promises, and refuses tests that break them.
#include "serai/testing/fake_host.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace {

using serai::Json;
using serai::testing::FakeHost;
using serai::testing::Reply;

TEST(FakeHost, a_route_with_a_permission_wants_a_user_who_has_it) {
  FakeHost host{serai_plugin_entry_v1};
  EXPECT_EQ(host.get("/api/v1/probe/mine").status, 401);
  host.as_user("alice", {"sdk-probe.more"});
  EXPECT_EQ(host.get("/api/v1/probe/mine").status, 403);
  host.as_user("alice", {"sdk-probe.use"});
  EXPECT_EQ(host.get("/api/v1/probe/mine").status, 200);
  host.as_nobody();
  EXPECT_EQ(host.get("/api/v1/probe/mine").status, 401);
}

TEST(FakeHost, unknown_paths_and_methods_are_404_and_405) {
  FakeHost host{serai_plugin_entry_v1};
  EXPECT_EQ(host.get("/api/v1/nowhere").status, 404);
  EXPECT_EQ(host.del("/api/v1/probe/query").status, 405);
}

TEST(FakeHost, bodies_and_parameters_are_checked_against_their_schemas) {
  FakeHost host{serai_plugin_entry_v1};
  EXPECT_EQ(host.post("/api/v1/probe/checked", {{"name", "Zoë"}, {"age", 1}}).status, 200);
  const Reply reply =
      host.post("/api/v1/probe/checked", {{"name", "too long"}, {"age", -1}, {"x", 1}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"].size(), 3U) << reply.body;
  EXPECT_EQ(host.post("/api/v1/probe/checked", Json::object()).status, 422);
  EXPECT_EQ(host.get("/api/v1/probe/query?limit=0").status, 422);
  EXPECT_EQ(host.get("/api/v1/probe/query?limit=x").status, 422);
  EXPECT_EQ(host.get("/api/v1/probe/query?deep=maybe").status, 422);
}

TEST(FakeHost, a_form_goes_only_where_forms_go) {
  FakeHost host{serai_plugin_entry_v1};
  EXPECT_EQ(host.post_form("/api/v1/probe/fields", {}).status, 415);
  EXPECT_EQ(host.post("/api/v1/probe/form", Json::object()).status, 415);
}

TEST(FakeHost, a_route_marked_as_one_that_only_reads_cannot_write) {
  FakeHost host{serai_plugin_entry_v1};
  const Json row{{"id", 1}, {"title", "a"}};
  EXPECT_EQ(host.post("/api/v1/probe/report/insert", row).status, 403);
  EXPECT_EQ(host.post("/api/v1/probe/report/many", Json::object()).status, 403);
  EXPECT_EQ(host.post("/api/v1/probe/report/commit", Json::object()).status, 403);
  EXPECT_TRUE(host.post("/api/v1/probe/report/read", Json::object()).json()["data"].empty());
  EXPECT_EQ(host.post("/api/v1/probe/sql/insert", row).status, 200);
  EXPECT_EQ(host.post("/api/v1/probe/report/read", Json::object()).json()["data"].size(), 1U);
}

TEST(FakeHost, withholding_after_the_start_is_a_mistake) {
  FakeHost host{serai_plugin_entry_v1};
  host.start();
  EXPECT_THROW(host.withhold("kv"), std::invalid_argument);
}

TEST(FakeHost, a_deleted_tenant_is_told_to_the_plugin) {
  FakeHost host{serai_plugin_entry_v1};
  host.forget_tenant("gone");
  EXPECT_EQ(host.logs().back().message, "gone");
}

TEST(FakeHost, two_hosts_do_not_share_anything) {
  FakeHost first{serai_plugin_entry_v1};
  FakeHost second{serai_plugin_entry_v1};
  first.post("/api/v1/probe/sql/insert", {{"id", 1}, {"title", "a"}});
  EXPECT_EQ(second.post("/api/v1/probe/sql/read", {}).json()["count"], 0);
  EXPECT_EQ(first.post("/api/v1/probe/sql/read", {}).json()["count"], 1);
}

TEST(FakeHost, loads_a_built_plugin_in_cpp_and_in_c) {
  for (const auto& [file, mount] :
       {std::pair{HELLO_PLUGIN, "hello"}, {C_HELLO_PLUGIN, "c-hello"}}) {
    FakeHost host{std::filesystem::path(file)};
    const Reply reply = host.get(std::string("/api/v1/") + mount + "/A%22%0Ab");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json(), (Json{{"hello", "A\"\nb"}, {"success", true}})) << mount;
  }
}

TEST(FakeHost, refuses_a_file_that_is_no_plugin) {
  EXPECT_THROW(FakeHost{std::filesystem::path("/no/such/file.so")}, std::invalid_argument);
}

TEST(FakeHost, looks_for_migrations_where_the_host_does) {
  const auto tables = [](const std::string& manifest, const std::string& folder) {
    const std::string yaml =
        "{manifest: 1, id: odd, version: 1.0.0, name: Odd, description: Odd" + manifest + "}";
    const std::string bundle = "serai-bundle 1\nfile plugin.yaml " + std::to_string(yaml.size()) +
                               "\n" + yaml + "\nfile " + folder +
                               "/001_a.down.sql 17\nDROP TABLE odd_a;\nfile " + folder +
                               "/001_a.up.sql 27\nCREATE TABLE odd_a (n TEXT)\nend\n";
    serai_entry entry = serai_plugin_entry_v1;
    entry.manifest = {bundle.data(), bundle.size()};
    const FakeHost taken{entry};
  };
  EXPECT_NO_THROW(tables("", "migrations"));
  EXPECT_NO_THROW(tables(", migrations: sql", "sql"));
  EXPECT_THROW(tables("", "sql"), std::invalid_argument);
  EXPECT_THROW(tables(", migrations: sql", "migrations"), std::invalid_argument);
}

TEST(FakeHost, names_every_fault_of_a_manifest_as_the_host_would) {
  const std::string yaml =
      "{manifest: 1, id: odd, version: 1.0.0, name: Odd, description: Odd, mounts: [/api/v1/odd], "
      "programs: [/bin/sh], schedules: [{kind: tick, every: 1 h}], colour: red}";
  const std::string bundle =
      "serai-bundle 1\nfile plugin.yaml " + std::to_string(yaml.size()) + "\n" + yaml + "\nend\n";
  serai_entry entry = serai_plugin_entry_v1;
  entry.manifest = {bundle.data(), bundle.size()};
  try {
    const FakeHost taken{entry};
    FAIL() << "It takes the manifest.";
  } catch (const std::invalid_argument& error) {
    const std::string words = error.what();
    EXPECT_NE(words.find("/programs/0"), std::string::npos) << words;
    EXPECT_NE(words.find("colour"), std::string::npos) << words;
  }
}

TEST(FakeHost, refuses_a_broken_bundle) {
  for (const char* bundle : {"", "serai-bundle 2\nend\n", "serai-bundle 1\nend\n",
                             "serai-bundle 1\nfile plugin.yaml 9\nid: x\n",
                             "serai-bundle 1\nfile plugin.yaml 5\nid: x\nend\nmore",
                             "serai-bundle 1\nfile plugin.yaml x\n\nend\n"}) {
    serai_entry entry = serai_plugin_entry_v1;
    entry.manifest = {bundle, std::strlen(bundle)};
    EXPECT_THROW(FakeHost{entry}, std::invalid_argument) << bundle;
  }
}

TEST(Create, says_why_when_the_host_offers_no_answers) {
  serai_host host{};
  host.struct_size = sizeof(host);
  host.get_interface = [](const serai_host*, serai_str, std::uint32_t) noexcept -> const void* {
    return nullptr;
  };
  const serai_plugin* plugin = nullptr;
  char error[20];
  EXPECT_EQ(serai_plugin_entry_v1.create(&host, &plugin, error, sizeof(error)),
            SERAI_E_UNSUPPORTED);
  EXPECT_STREQ(error, "The host does not o") << "cut to the buffer, with its NUL";
  EXPECT_EQ(plugin, nullptr);
}

}  // namespace
