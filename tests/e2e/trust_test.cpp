// Keys, packages and signatures on the command line, and what a host makes of them.
#include <fstream>

#include <sys/stat.h>

#include "e2e/trust_house.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(TrustCommands, make_a_private_key_that_is_never_shown) {
  const TemporaryDirectory folder;
  const auto name = (folder.path() / "ada").string();
  const auto made = run_serai({"plugin", "keygen", name, "--owner", "Ada"});
  ASSERT_EQ(made.status, 0) << made.err;
  struct stat status {};
  ASSERT_EQ(::stat((name + ".secret").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto secret = read_file(name + ".secret");
  const auto digits = secret.substr(secret.find('\n') + 1, 64);
  ASSERT_EQ(digits.size(), 64u);
  EXPECT_THAT(made.out + made.err + read_file(name + ".yaml"),
              Not(HasSubstr(digits.substr(0, 16))));
  const auto again = run_serai({"plugin", "keygen", name});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("exists already"));
  EXPECT_EQ(read_file(name + ".secret"), secret) << "a key is never overwritten";
}

TEST(TrustCommands, verify_what_was_packed_and_signed) {
  const Author ada, eve;
  const TemporaryDirectory store;
  const auto package = ada.signed_package(library_of("hello"));
  const auto verify = [&](const std::string& file) {
    return run_serai({"plugin", "verify", file, "--trust", store.path().string()});
  };
  const auto stranger = verify(package);
  EXPECT_EQ(stranger.status, 1);
  EXPECT_THAT(stranger.err, HasSubstr("which the trust store does not know"));
  EXPECT_THAT(stranger.out, HasSubstr(ada.id())) << "whom to ask about";

  write_file(store.path() / "ada.yaml", ada.key_file("verified"));
  const auto known = verify(package);
  EXPECT_EQ(known.status, 0) << known.err;
  EXPECT_THAT(known.out, HasSubstr("hello 0.1.0"));
  EXPECT_THAT(known.out, HasSubstr("verified"));
  EXPECT_EQ(verify(eve.sign(ada.pack(library_of("hello"), "other"))).status, 1);

  auto bytes = read_file(package);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(package, bytes);
  const auto changed = verify(package);
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.err, HasSubstr("is not the one its MANIFEST lists"));
}

TEST(TrustCommands, say_what_is_wrong_in_one_sentence) {
  const Author ada;
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& words) {
    const auto result = run_serai(arguments);
    EXPECT_EQ(result.status, 1) << words;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  };
  const auto package = ada.pack(library_of("hello"));
  refused({"plugin", "sign", ada.path("plugin.so"), "--key", ada.secret()}, "is no package");
  refused({"plugin", "sign", package, "--key", ada.path("nobody.secret")}, "cannot be read");
  refused({"plugin", "sign", package, "--key", ada.path("ada.yaml")}, "secret key");
  refused({"plugin", "sign", package, "--key", ada.secret(), "--not-after", "tomorrow"}, "no time");
  refused({"plugin", "sign", package, "--key", ada.secret(), "--not-after", "2020-01-01T00:00:00Z"},
          "must end after it begins");
  refused({"plugin", "pack", ada.path("nothing")}, "cannot be read");
  refused({"plugin", "verify", ada.path("plugin.so")}, "does not begin with");
  ASSERT_EQ(::chmod(ada.secret().c_str(), 0644), 0);
  refused({"plugin", "sign", package, "--key", ada.secret()}, "others can read");
}

TEST(TrustCheck, lists_the_faults_of_the_trust_store_beside_the_others) {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / "trust");
  write_file(folder.path() / "trust" / "a.yaml", "serai_key: 1\nlevel: holy\n");
  write_file(folder.path() / "trust" / "b.secret", "x");
  auto profile = test_profile();
  profile["plugins"]["trust"] = (folder.path() / "trust").string();
  profile["colour"] = "red";
  write_file(folder.path() / "profile.yaml", profile.dump());
  const auto result = run_serai({"check", "--profile", (folder.path() / "profile.yaml").string()});
  EXPECT_EQ(result.status, 1);
  for (const auto* words : {"colour", "a.yaml:2: level must be one of", "public_key is missing",
                            "b.secret: does not belong into a trust store"})
    EXPECT_THAT(result.err, HasSubstr(words));
}

TEST(TrustCheck, refuses_developer_mode_in_production) {
  const TemporaryDirectory folder;
  auto profile = json{{"environment", "production"}, {"developer_mode", true}};
  write_file(folder.path() / "profile.yaml", profile.dump());
  const auto result = run_serai({"check", "--profile", (folder.path() / "profile.yaml").string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("developer_mode must be false in production"));
}

// The profile's own plugins are asked the same questions.
TEST(TrustedProfile, loads_packages_and_refuses_the_rest_with_the_reason) {
  const Author ada;
  const TemporaryDirectory store;
  write_file(store.path() / "ada.yaml", ada.key_file("core"));
  RunningHost::Options options;
  options.profile["developer_mode"] = false;
  options.profile["plugins"]["trust"] = store.path().string();
  options.plugins = {"hello", "probe"};  // bare .so files
  RunningHost host(options);
  const auto entry = [&](const std::string& id) {
    const auto list = host.admin().get("/api/v1/admin/plugins").json();
    for (const auto& e : list["data"])
      if (e["id"] == id) return e;
    return json();
  };
  EXPECT_EQ(entry("hello")["state"], "failed");
  EXPECT_THAT(entry("hello")["reason"].get<std::string>(), HasSubstr("it is not signed"));
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").status, 404);

  // A package beside the .so is what counts.
  std::filesystem::copy_file(ada.signed_package(library_of("hello", "0.3.0")),
                             host.plugin_directory() / "hello.seraiplugin");
  host.restart();
  EXPECT_EQ(entry("hello")["state"], "running");
  EXPECT_EQ(entry("hello")["version"], "0.3.0");
  EXPECT_EQ(entry("hello")["trust"], "core");
  EXPECT_EQ(entry("hello")["key"], ada.id());
  EXPECT_EQ(entry("probe")["state"], "failed") << "one signature vouches for one plugin";

  // Swapped after it was signed, inside of the package: another .so under the same signature.
  auto bytes = read_file(host.plugin_directory() / "hello.seraiplugin");
  const auto at = bytes.find("version: 0.3.0");
  ASSERT_NE(at, bytes.npos);
  write_file(host.plugin_directory() / "hello.seraiplugin",
             bytes.replace(at, 14, "version: 0.4.0"));
  const auto refused = host.admin().send("POST", "/api/v1/admin/plugins/hello/reload", "");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("is not the one its MANIFEST lists"));
  EXPECT_EQ(entry("hello")["version"], "0.3.0") << "what ran goes on";
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").status, 200);
}

}  // namespace
}  // namespace serai_test
