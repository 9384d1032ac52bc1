// Installing, replacing and removing plugins of a running host; everything that must be refused.
#include "e2e/trust_house.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

class Install : public TrustingHost {
 protected:
  std::string package(const std::string& version = "0.1.0") {
    return read_file(ada_.signed_package(library_of("hello", version)));
  }
  void install_hello() {
    trust(ada_, "core");
    const auto answer = upload(package());
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(host_.data() / "plugins"))
      names.push_back(entry.path().filename().string());
    return names;
  }
};

TEST_F(Install, is_a_walk_from_the_key_to_the_answer_and_back) {
  trust(ada_, "core");
  const auto first = ada_.signed_package(library_of("hello"));
  run_well({"plugin", "verify", first, "--trust", store_.path().string()});
  const auto installed = host_.run({"plugin", "install", first});
  EXPECT_EQ(installed.status, 0) << installed.err;
  EXPECT_THAT(installed.out, HasSubstr("hello 0.1.0 is running, trust core, in-process"));
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
  EXPECT_THAT(host_.client().get("/openapi.json").body, HasSubstr("/api/v1/hello/{name}"));
  EXPECT_EQ(host_.client().get("/health/ready").status, 200);
  const auto list = host_.run({"plugin", "list"});
  EXPECT_EQ(list.status, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("installed"));

  const auto second = ada_.signed_package(library_of("hello", "0.2.0"), "second");
  EXPECT_THAT(host_.run({"plugin", "install", second}).out, HasSubstr("hello 0.2.0 is running"));
  EXPECT_EQ(plugin("hello")["generation"], 2);
  EXPECT_EQ(plugin("hello")["kept_generations"], 0) << "the old one was not unloaded";
  EXPECT_EQ(files().size(), 1u) << "the old package is gone";
  EXPECT_EQ(host_.run({"plugin", "reload", "hello"}).status, 0);
  EXPECT_EQ(plugin("hello")["version"], "0.2.0");

  host_.restart();
  EXPECT_EQ(plugin("hello")["version"], "0.2.0");
  EXPECT_EQ(plugin("hello")["trust"], "core");
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);

  const auto removed = host_.run({"plugin", "remove", "hello"});
  EXPECT_EQ(removed.status, 0) << removed.err;
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 404);
  EXPECT_TRUE(plugin("hello").is_null());
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(host_.client().get("/health/ready").status, 200);
  EXPECT_EQ(host_.run({"plugin", "remove", "hello"}).status, 1);
  host_.restart();
  EXPECT_TRUE(plugin("hello").is_null());
  EXPECT_EQ(host_.run({"plugin", "install", first}).status, 0) << "and in again";
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, puts_what_is_not_core_into_a_process_of_its_own) {
  trust(ada_, "verified");
  const auto installed = host_.run({"plugin", "install", ada_.signed_package(library_of("hello"))});
  EXPECT_EQ(installed.status, 0) << installed.err;
  EXPECT_THAT(installed.out, HasSubstr("hello 0.1.0 is running, trust verified, isolated"));
  EXPECT_EQ(plugin("hello")["placement"], "isolated");
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
  host_.restart();
  EXPECT_EQ(plugin("hello")["placement"], "isolated");
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, is_for_the_administrator_alone) {
  trust(ada_, "core");
  const FilePart file{"file", "p.seraiplugin", "application/octet-stream", package()};
  const auto owner = host_.make_tenant("ambitious");
  EXPECT_EQ(host_.client().upload("/api/v1/admin/plugins", file).status, 401);
  EXPECT_EQ(host_.client(owner).upload("/api/v1/admin/plugins", file).status, 401);
  EXPECT_EQ(host_.client(owner).remove("/api/v1/admin/plugins/hello").status, 401);
  EXPECT_TRUE(plugin("hello").is_null());
  EXPECT_TRUE(files().empty());
}

TEST_F(Install, refuses_one_flipped_bit_wherever_it_is) {
  install_hello();
  const auto good = package("0.2.0");
  const auto signature = good.find("MANIFEST.sig"), code = good.find("file plugin.so");
  ASSERT_NE(signature, good.npos);
  ASSERT_NE(code, good.npos);
  // Frame, MANIFEST, signature, then the library at many places.
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < code + 24; at += 7) places.push_back(at);
  for (std::size_t i = 1; i < 40; ++i) places.push_back(code + (good.size() - code) * i / 40);
  places.push_back(good.size() - 1);
  for (const auto at : places) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    const auto answer = upload(bad, {{"placement", "in-process"}});
    EXPECT_TRUE(answer.status == 409 || answer.status == 422)
        << "byte " << at << ": " << answer.status << ' ' << answer.body;
  }
  EXPECT_EQ(plugin("hello")["version"], "0.1.0");
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(upload(good).status, 201) << "the same without a flipped bit";
}

TEST_F(Install, refuses_what_nobody_trusted_vouches_for) {
  install_hello();
  const Author eve;
  expect_refused(read_file(eve.signed_package(library_of("hello", "0.2.0"))), "does not know");
  expect_refused(read_file(ada_.pack(library_of("hello", "0.2.0"))), "it is not signed");
  expect_refused(library_of("hello", "0.2.0"), "does not begin with");
  expect_refused("", "");
  // Ada's signature on Eve's library: the signature is of another MANIFEST.
  const auto mine = package("0.2.0"), hers = read_file(eve.pack(library_of("hello", "0.9.0")));
  const auto begin = mine.find("file MANIFEST.sig"), end = mine.find("file plugin.so");
  auto forged = hers;
  forged.insert(forged.find("file plugin.so"), mine.substr(begin, end - begin));
  expect_refused(forged, "was changed after it was signed");
}

TEST_F(Install, refuses_what_is_out_of_its_time_or_revoked) {
  install_hello();
  const auto next = [&](std::vector<std::string> more) {
    return read_file(ada_.sign(ada_.pack(library_of("hello", "0.2.0")), std::move(more)));
  };
  expect_refused(
      next({"--not-before", "2020-01-01T00:00:00Z", "--not-after", "2021-01-01T00:00:00Z"}),
      "has expired (2021-01-01T00:00:00Z)");
  expect_refused(
      next({"--not-before", "2090-01-01T00:00:00Z", "--not-after", "2091-01-01T00:00:00Z"}),
      "valid only from 2090-01-01T00:00:00Z");
  const auto good = next({});
  const auto hash = run_serai(
      {"plugin", "verify", ada_.path("plugin.seraiplugin"), "--trust", store_.path().string()});
  std::smatch found;
  ASSERT_TRUE(std::regex_search(hash.out, found, std::regex("package +([0-9a-f]{64})")));
  revoke("packages: [\"" + found[1].str() + "\"]\n");
  expect_refused(good, "this package is revoked");
  revoke("keys: [\"" + ada_.id() + "\"]\n");
  expect_refused(good, "revoked key");
  revoke("keys: [oops]\n");
  expect_refused(good, "the trust store has a fault");
  revoke("keys: []\n");
  EXPECT_EQ(upload(good).status, 201) << "no restart was needed";
}

TEST_F(Install, refuses_packages_that_reach_outside_or_lie_about_their_size) {
  install_hello();
  const auto good = package("0.2.0");
  const auto replaced = [&](const std::string& what, const std::string& by) {
    auto bad = good;
    for (auto at = bad.find(what); at != bad.npos; at = bad.find(what, at + by.size()))
      bad.replace(at, what.size(), by);
    return bad;
  };
  expect_refused(replaced(" plugin.so", " ../plugin"), "may not be in a package");
  expect_refused(replaced(" plugin.so", " /etc/cron"), "may not be in a package");
  auto huge = good;
  const auto line = huge.find("file plugin.so ") + 15;
  huge.replace(line, huge.find('\n', line) - line, "18446744073709551615");
  expect_refused(huge, "cut off");
  expect_refused(good + std::string(1000, '\0'), "after its end");
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(Install, refuses_a_form_that_is_not_understood) {
  trust(ada_, "core");
  EXPECT_EQ(upload(package(), {{"placement", "moon"}}).status, 422);
  EXPECT_EQ(upload(package(), {{"colour", "red"}}).status, 422);
  EXPECT_EQ(host_.admin().post("/api/v1/admin/plugins", json::object()).status, 415);
  EXPECT_TRUE(plugin("hello").is_null());
}

// A library that is signed but does not come up: what ran goes on, and nothing of it stays.
TEST_F(Install, that_fails_leaves_everything_as_it_was) {
  install_hello();
  const auto before = files();
  auto broken = library_of("hello", "0.2.0");
  for (auto at = broken.find("handler: greet"); at != broken.npos;
       at = broken.find("handler: greet", at))
    broken.replace(at, 14, "handler: great");
  expect_refused(read_file(ada_.signed_package(broken)), "no handler");
  EXPECT_EQ(files(), before);
  host_.restart();
  EXPECT_EQ(plugin("hello")["version"], "0.1.0");
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, survives_a_kill_and_sweeps_what_a_crash_left) {
  install_hello();
  write_file(host_.data() / "plugins" / ".hello-123.seraiplugin.ABC", "half a pack");
  write_file(host_.data() / "plugins" / "hello-0000000000000000.seraiplugin", "never recorded");
  host_.kill();
  host_.start();
  EXPECT_EQ(plugin("hello")["state"], "running");
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, over_the_profiles_plugin_gives_it_back_when_removed) {
  RunningHost::Options options = TrustingHost::options(store_);
  options.profile["developer_mode"] = true;
  options.plugins = {"hello"};
  RunningHost host(options);
  const auto version = [&] {
    return host.admin().get("/api/v1/admin/plugins").json()["data"][0]["version"];
  };
  trust(ada_, "core");
  ASSERT_EQ(version(), "0.1.0");
  const auto next = ada_.signed_package(library_of("hello", "0.2.0"));
  EXPECT_EQ(host.run({"plugin", "install", next}).status, 0);
  EXPECT_EQ(version(), "0.2.0");
  host.restart();
  EXPECT_EQ(version(), "0.2.0");
  EXPECT_EQ(host.run({"plugin", "remove", "hello"}).status, 0);
  EXPECT_EQ(version(), "0.1.0");
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, takes_a_bare_library_from_a_developer) {
  RunningHost::Options options;  // developer_mode: true
  RunningHost host(options);
  const auto result =
      host.run({"plugin", "install", built_plugin("hello").string(), "--placement", "in-process"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("hello 0.1.0 is running, trust none, in-process"));
  EXPECT_EQ(host.client().get("/api/v1/hello/Anna").status, 200);
}

TEST_F(Install, is_audited_whether_it_is_accepted_or_not) {
  install_hello();
  expect_refused(read_file(ada_.pack(library_of("hello", "0.2.0"))), "it is not signed");
  host_.admin().remove("/api/v1/admin/plugins/hello");
  host_.stop();
  const auto exported = host_.run({"audit", "export"});
  ASSERT_EQ(exported.status, 0) << exported.err;
  std::vector<std::string> seen;
  std::istringstream in(exported.out);
  for (std::string line; std::getline(in, line);) {
    const auto entry = json::parse(line)["entry"];
    if (!entry.is_object()) continue;  // the head
    seen.push_back(entry["action"].get<std::string>() + " " + entry["outcome"].get<std::string>());
    if (entry["action"] == "plugin.trust" && entry["outcome"] == "success") {
      EXPECT_THAT(line, HasSubstr(ada_.id()));
    }
  }
  for (const auto* what : {"plugin.install success", "plugin.trust success", "plugin.trust refused",
                           "plugin.install failure", "plugin.remove success"})
    EXPECT_THAT(seen, Contains(what));
}

}  // namespace
}  // namespace serai_test
