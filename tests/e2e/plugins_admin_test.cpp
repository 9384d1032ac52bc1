// Plugins of a running host: listed, reloaded, switched, set; the broken ones beside the good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// The plugin as its file says, but of another version: manifests are readable in the file, and the
// new number is as long as the old.
void write_other_version(const std::filesystem::path& file, const std::string& version) {
  auto bytes = read_file(file);
  const std::string old = "version: 0.1.0";
  auto at = bytes.find(old);
  ASSERT_NE(at, bytes.npos);
  for (; at != bytes.npos; at = bytes.find(old, at + 1))
    bytes.replace(at, old.size(), "version: " + version);
  // A loaded file is never overwritten, not by an installer either: renamed over.
  write_file(file.string() + ".new", bytes);
  std::filesystem::rename(file.string() + ".new", file);
}

class Plugins : public testing::Test {
 protected:
  Plugins() : host_({.plugins = {"hello", "probe"}}) {}

  json plugin(const std::string& id) {
    const auto list = host_.admin().get("/api/v1/admin/plugins").json();
    for (const auto& entry : list["data"])
      if (entry["id"] == id) return entry;
    return nullptr;
  }
  Answer act(const std::string& id, const std::string& action) {
    return host_.admin().send("POST", "/api/v1/admin/plugins/" + id + "/" + action, "");
  }

  RunningHost host_;
};

TEST_F(Plugins, of_the_profile_run_and_answer) {
  EXPECT_EQ(plugin("hello")["state"], "running");
  EXPECT_EQ(plugin("hello")["version"], "0.1.0");
  EXPECT_EQ(plugin("hello")["generation"], 1);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Zo%C3%AB").json()["hello"], "Zoë");
}

TEST_F(Plugins, are_listed_reloaded_and_switched_from_the_command_line) {
  const auto list = host_.run({"plugin", "list"});
  EXPECT_EQ(list.status, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("hello"));
  EXPECT_THAT(list.out, HasSubstr("running"));
  EXPECT_THAT(host_.run({"plugin", "reload", "hello"}).out, HasSubstr("hello 0.1.0 is running"));
  EXPECT_EQ(plugin("hello")["generation"], 2);
  EXPECT_THAT(host_.run({"plugin", "disable", "hello"}).out, HasSubstr("is disabled"));
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 404);
  EXPECT_EQ(host_.run({"plugin", "enable", "hello"}).status, 0);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
  const auto unknown = host_.run({"plugin", "reload", "nobody"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("nobody"));
}

TEST_F(Plugins, that_are_disabled_have_no_route_and_no_permission) {
  const auto owner = host_.make_tenant("switching");
  ASSERT_EQ(host_.client(owner).get("/api/v1/probe/notes").status, 200);
  EXPECT_EQ(act("probe", "disable").json()["data"]["state"], "disabled");
  EXPECT_EQ(host_.client(owner).get("/api/v1/probe/notes").status, 404);
  EXPECT_THAT(host_.client(owner).get("/api/v1/permissions").body, Not(HasSubstr("probe.use")));
  EXPECT_EQ(host_.client().get("/health/ready").status, 200) << "switched off is not broken";
  EXPECT_EQ(act("probe", "enable").status, 200);
  EXPECT_EQ(host_.client(owner).get("/api/v1/probe/notes").status, 200);
}

TEST_F(Plugins, can_be_off_for_one_tenant) {
  const auto with = host_.make_tenant("with-probe"), without = host_.make_tenant("without-probe");
  const auto off = host_.run({"plugin", "disable", "probe", "--tenant", "without-probe"});
  EXPECT_EQ(off.status, 0) << off.err;
  const auto refused = host_.client(without).get("/api/v1/probe/notes");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.json()["code"], "plugin_disabled");
  EXPECT_EQ(host_.client(with).get("/api/v1/probe/notes").status, 200);
  const auto shown = host_.admin().get("/api/v1/admin/tenants/without-probe/plugins/probe");
  EXPECT_EQ(shown.json()["data"]["enabled"], false);
  host_.restart();
  EXPECT_EQ(host_.client(without).get("/api/v1/probe/notes").status, 403);
  EXPECT_EQ(host_.run({"plugin", "enable", "probe", "--tenant", "without-probe"}).status, 0);
  EXPECT_EQ(host_.client(without).get("/api/v1/probe/notes").status, 200);
}

TEST_F(Plugins, take_settings_of_a_tenant_after_a_check) {
  const auto a = host_.make_tenant("settings-a"), b = host_.make_tenant("settings-b");
  const auto set = [&](const json& settings) {
    return host_.admin().send("PUT", "/api/v1/admin/tenants/settings-a/plugins/probe",
                              json{{"settings", settings}}.dump());
  };
  EXPECT_EQ(set({{"greeting", "ahoy"}, {"volume", 3}}).status, 200);
  const auto seen = host_.client(a).get("/api/v1/probe/settings").json()["data"];
  EXPECT_EQ(seen["greeting"], "ahoy");
  EXPECT_EQ(seen["volume"], 3);
  EXPECT_EQ(host_.client(b).get("/api/v1/probe/settings").json()["data"]["greeting"], "hello");
  const auto wrong = set({{"volume", 11}, {"colour", "blue"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr("/settings/volume"));
  EXPECT_THAT(wrong.body, HasSubstr("/settings/colour"));
  EXPECT_EQ(host_.client(a).get("/api/v1/probe/settings").json()["data"]["volume"], 3);
  EXPECT_EQ(host_.admin()
                .send("PUT", "/api/v1/admin/tenants/unknown/plugins/probe", R"({"enabled":true})")
                .status,
            404);
  EXPECT_EQ(
      host_.admin()
          .send("PUT", "/api/v1/admin/tenants/settings-a/plugins/nobody", R"({"enabled":true})")
          .status,
      404);
}

TEST(PluginSecrets, come_from_the_operators_environment_and_are_shown_nowhere) {
  const auto secret = new_marker("k-");
  RunningHost::Options options;
  options.plugins = {"probe"};
  options.environment["SERAI_PLUGIN_PROBE_KEY"] = secret;
  RunningHost host(options);
  const auto owner = host.make_tenant("secretive");
  EXPECT_EQ(host.client(owner).get("/api/v1/probe/settings").json()["data"]["has_key"], true);
  for (const auto* path : {"/api/v1/admin/plugins", "/api/v1/admin/tenants/secretive/plugins/probe",
                           "/api/v1/admin/tenants/secretive", "/openapi.json"})
    EXPECT_THAT(host.admin().get(path).body, Not(HasSubstr(secret))) << path;
  EXPECT_THAT(host.process().log(), Not(HasSubstr(secret)));
}

TEST_F(Plugins, come_in_a_new_version_without_a_restart) {
  write_other_version(host_.plugin_directory() / "hello.so", "0.2.0");
  EXPECT_EQ(plugin("hello")["version"], "0.1.0");
  EXPECT_EQ(act("hello", "reload").json()["data"]["version"], "0.2.0");
  EXPECT_EQ(plugin("hello")["generation"], 2);
  EXPECT_EQ(plugin("hello")["kept_generations"], 0) << "the old one was not unloaded";
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Plugins, go_on_in_the_old_version_when_the_new_one_is_broken) {
  const auto file = host_.plugin_directory() / "hello.so";
  const auto good = read_file(file);
  for (const auto& broken : {std::string("no library at all"), good.substr(0, good.size() / 2)}) {
    write_file(file.string() + ".new", broken);
    std::filesystem::rename(file.string() + ".new", file);
    const auto answer = act("hello", "reload");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.json()["code"], "plugin_load_failed");
    EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
    EXPECT_EQ(plugin("hello")["state"], "running");
  }
  std::filesystem::remove(file);
  EXPECT_EQ(act("hello", "reload").status, 409);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
  write_file(file, good);
  EXPECT_EQ(act("hello", "reload").status, 200);
}

TEST_F(Plugins, survive_that_their_file_is_overwritten_in_place) {
  std::filesystem::resize_file(host_.plugin_directory() / "hello.so", 0);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
  EXPECT_EQ(act("hello", "reload").status, 409);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
}

TEST(BrokenPlugin, does_not_take_the_host_down_and_is_named_where_operators_look) {
  RunningHost::Options options;
  options.plugins = {"hello"};
  options.profile["plugins"]["enabled"] = {
      {{"id", "garbage"}}, {{"id", "hello"}}, {{"id", "absent"}}, {{"id", "alien"}}};
  RunningHost host(options);
  auto alien = read_file(host.plugin_directory() / "hello.so");
  for (auto at = alien.find("id: hello"); at != alien.npos; at = alien.find("id: hello"))
    alien.replace(at, 9, "id: jello");
  write_file(host.plugin_directory() / "garbage.so", std::string(5000, 'g'));
  write_file(host.plugin_directory() / "alien.so", alien);  // a plugin of another id
  host.restart();
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").status, 200);
  const auto list = host.run({"plugin", "list"});
  EXPECT_EQ(list.status, 1) << "a script must notice";
  for (const auto* id : {"garbage", "absent", "alien"}) EXPECT_THAT(list.out, HasSubstr(id));
  const auto entries = host.admin().get("/api/v1/admin/plugins").json();
  int failed = 0;
  for (const auto& entry : entries["data"]) {
    if (entry["state"] != "failed") continue;
    ++failed;
    EXPECT_FALSE(entry["reason"].get<std::string>().empty()) << entry["id"];
  }
  EXPECT_EQ(failed, 3);
  const auto ready = host.client().get("/health/ready"),
             inside = host.management().get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.json()["checks"]["plugins"], "unhealthy") << "reasons are for operators";
  EXPECT_EQ(inside.status, 503);
  for (const auto* id : {"garbage", "absent", "alien"}) EXPECT_THAT(inside.body, HasSubstr(id));
  EXPECT_EQ(host.client().get("/health/live").status, 200);
  EXPECT_EQ(host.stop(), 0);
  // A house that never served ends as well.
  const auto test = run_serai({"isolation-test", "--profile", host.profile().string()});
  EXPECT_EQ(test.status, 1) << test.err;
  EXPECT_THAT(test.err, HasSubstr("absent"));
}

}  // namespace
}  // namespace serai_test
