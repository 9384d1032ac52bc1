// `serai check` names every fault at once; production does not start on development's secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kProfiles = SERAI_SOURCE_DIRECTORY "/tests/data/profiles/";

std::map<std::string, std::string> strong_secrets() {
  return {{"SERAI_MASTER_KEY", new_marker("m-") + new_marker("")},
          {"SERAI_JWT_SECRET", new_marker("j-") + new_marker("")},
          {"SERAI_ADMIN_TOKEN", new_marker("a-") + new_marker("")}};
}

TEST(Check, finds_no_fault_in_the_profiles_that_are_shipped_for_development) {
  const auto result =
      run_serai({"check", "--profile", SERAI_SOURCE_DIRECTORY "/profiles/minimal.yaml"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("No faults: profile minimal, 4 plugin(s)."));
}

TEST(Check, finds_no_fault_in_the_profiles_that_are_shipped_for_production_given_secrets) {
  for (const auto* name : {"standard", "full"}) {
    const std::vector<std::string> command = {
        "check", "--profile", SERAI_SOURCE_DIRECTORY "/profiles/" + std::string(name) + ".yaml"};
    auto secrets = strong_secrets();
    const auto lacking = run_serai(command, secrets);
    EXPECT_EQ(lacking.status, 1) << name;
    for (const auto* missing : {"SERAI_POSTGRES", "SERAI_S3_ACCESS_KEY", "SERAI_S3_SECRET_KEY"}) {
      EXPECT_THAT(lacking.err, HasSubstr(std::string(missing) + " is not set")) << name;
      secrets[missing] = new_marker("");
    }
    const auto result = run_serai(command, secrets);
    EXPECT_EQ(result.status, 0) << name << ": " << result.err;
  }
}

TEST(Check, lists_every_fault_of_a_profile_at_once_with_its_line) {
  const auto result = run_serai({"check", "--profile", kProfiles + "faulty.yaml"});
  EXPECT_EQ(result.status, 1);
  for (const auto* fault :
       {":3: environment ", "listen.address must be host:port", ":6: listen.adapter ",
        ":7: listen.threads ", "listen.certificate", ":10: limits.body ", ":11: limits.idle_time ",
        ":12: limits.colour ", ":14: rate_limits.login ", "cors.origins", "plugins.enabled[0].id",
        "plugins.enabled[2].id", ":24: log stands here twice"})
    EXPECT_THAT(result.err, HasSubstr(fault));
}

TEST(Check, names_each_secret_that_production_lacks) {
  const auto result = run_serai({"check", "--profile", kProfiles + "production.yaml"});
  EXPECT_EQ(result.status, 1);
  for (const auto* name : {"SERAI_MASTER_KEY", "SERAI_JWT_SECRET", "SERAI_ADMIN_TOKEN"})
    EXPECT_THAT(result.err, HasSubstr(std::string(name) + " is not set"));
}

TEST(Check, refuses_weak_secrets_in_production_without_repeating_them) {
  auto secrets = strong_secrets();
  secrets["SERAI_JWT_SECRET"] = "changeme-changeme-changeme-changeme-1";
  secrets["SERAI_ADMIN_TOKEN"] = "short";
  const auto result = run_serai({"check", "--profile", kProfiles + "production.yaml"}, secrets);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("SERAI_JWT_SECRET is too weak"));
  EXPECT_THAT(result.err, HasSubstr("SERAI_ADMIN_TOKEN is too weak"));
  EXPECT_THAT(result.err, Not(HasSubstr("SERAI_MASTER_KEY")));
  EXPECT_THAT(result.err, Not(HasSubstr("changeme-")));
}

TEST(Check, takes_secrets_from_mounted_files) {
  const TemporaryDirectory mounted;
  std::map<std::string, std::string> files;
  for (const auto& [name, value] : strong_secrets()) {
    write_file(mounted.path() / name, value + "\n");
    files[name + "_FILE"] = (mounted.path() / name).string();
  }
  EXPECT_EQ(run_serai({"check", "--profile", kProfiles + "production.yaml"}, files).status, 0);
  files["SERAI_MASTER_KEY_FILE"] = (mounted.path() / "absent").string();
  const auto absent = run_serai({"check", "--profile", kProfiles + "production.yaml"}, files);
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("SERAI_MASTER_KEY_FILE"));
}

TEST(Check, names_a_plugin_that_would_not_load) {
  const TemporaryDirectory directory;
  auto profile = test_profile();
  profile["plugins"] = {{"directory", directory.path().string()},
                        {"enabled", {{{"id", "absent"}}}}};
  write_file(directory.path() / "profile.yaml", profile.dump());
  const auto result =
      run_serai({"check", "--profile", (directory.path() / "profile.yaml").string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("plugin absent: "));
}

TEST(Check, works_beside_a_running_host_and_leaves_nothing_behind) {
  RunningHost host;
  const auto before = std::distance(std::filesystem::recursive_directory_iterator(host.data()), {});
  EXPECT_EQ(host.run({"check"}).status, 0);
  EXPECT_EQ(std::distance(std::filesystem::recursive_directory_iterator(host.data()), {}), before);
}

// No host is asked: the address takes no connection.
TEST(AdminCommand, without_a_token_says_where_it_looked_and_makes_nothing) {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const std::string profile = SERAI_SOURCE_DIRECTORY "/profiles/minimal.yaml";
  const auto result = run_serai({"tenant", "list", "--profile", profile, "--data", data.string(),
                                 "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("there is no administrator's token in SERAI_ADMIN_TOKEN, "));
  EXPECT_THAT(result.err, HasSubstr((data / "secrets/admin_token").string()));
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST(AdminCommand, with_an_address_alone_asks_for_the_token_and_not_for_a_profile) {
  const auto result = run_serai(
      {"plugin", "list", "--profile", "profiles/of_nobody.yaml", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("wanted in SERAI_ADMIN_TOKEN"));
  EXPECT_THAT(result.err, Not(HasSubstr("--profile")));
}

TEST(AdminCommand, with_an_address_and_the_token_needs_no_profile) {
  RunningHost host;
  const TemporaryDirectory nothing;
  for (const auto* what : {"plugin", "tenant"}) {
    const auto result =
        run_serai({what, "list", "--profile", (nothing.path() / "none.yaml").string(), "--url",
                   host.client().base_url()},
                  {{"SERAI_ADMIN_TOKEN", host.admin_token()}});
    EXPECT_EQ(result.status, 0) << what << ": " << result.err;
    EXPECT_THAT(result.out, Not(IsEmpty())) << what;
  }
  EXPECT_TRUE(std::filesystem::is_empty(nothing.path()));
}

TEST(AdminCommand, tells_which_field_was_refused) {
  RunningHost host;
  const auto tenant = host.make_tenant("fields").id;
  const auto result =
      run_serai({"tenant", "suspend", tenant, "--reason", "x", "--url", host.client().base_url()},
                {{"SERAI_ADMIN_TOKEN", host.admin_token()}});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("/reason: "));
}

TEST(AdminCommand, of_another_machine_needs_no_secret_of_the_host_but_its_token) {
  RunningHost host;
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  for (const auto* profile : {"minimal", "standard"}) {
    const auto result =
        run_serai({"tenant", "list", "--profile",
                   SERAI_SOURCE_DIRECTORY "/profiles/" + std::string(profile) + ".yaml", "--data",
                   data.string(), "--url", host.client().base_url()},
                  {{"SERAI_ADMIN_TOKEN", host.admin_token()}});
    EXPECT_EQ(result.status, 0) << profile << ": " << result.err;
    EXPECT_THAT(result.out, HasSubstr("TENANT")) << profile;
  }
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST(CommandLine, names_a_command_that_it_does_not_know) {
  for (const auto& [command, said] :
       {std::pair<std::vector<std::string>, const char*>{{"frobnicate"}, "\"serai frobnicate\""},
        {{"tenant", "lsit"}, "\"serai tenant lsit\"; \"serai tenant --help\""}}) {
    const auto result = run_serai(command);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(said));
  }
  EXPECT_THAT(run_serai({"tenant"}).err, HasSubstr("subcommand is required"));
}

TEST(Serve, lists_the_faults_and_starts_nothing) {
  const TemporaryDirectory directory;
  const auto data = (directory.path() / "data").string();
  const auto result =
      run_serai({"serve", "--profile", kProfiles + "production.yaml", "--data", data});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("SERAI_MASTER_KEY is not set"));
  EXPECT_THAT(result.err, HasSubstr("nothing was started"));
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST(Serve, runs_in_production_with_secrets_and_tells_browsers_to_stay_on_tls) {
  const TemporaryDirectory directory;
  SeraiProcess::Options options;
  options.profile = kProfiles + "production.yaml";
  options.data = directory.path() / "data";
  options.environment = strong_secrets();
  const SeraiProcess host(options);
  const auto answer = host.client().get("/health/ready");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("strict-transport-security"), "max-age=31536000; includeSubDomains");
  EXPECT_FALSE(std::filesystem::exists(options.data / "secrets"));
}

TEST(Serve, refuses_the_demo_in_production) {
  const TemporaryDirectory directory;
  const auto result = run_serai({"serve", "--demo", "--profile", kProfiles + "production.yaml",
                                 "--data", (directory.path() / "data").string()},
                                strong_secrets());
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("--demo is not for production"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "data" / "demo.json"));
}

}  // namespace
}  // namespace serai_test
