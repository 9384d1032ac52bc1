// The way of somebody who writes a plugin: `serai plugin new`, built against the installed SDK,
// copied beside the others, loaded by the real host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;

TEST(NewPlugin, is_written_built_loaded_and_answers) {
  const TemporaryDirectory work;
  const auto root = work.path().string();
  const auto installed =
      shell("cmake --install " SERAI_BUILD_DIRECTORY " --component sdk --prefix " + root + "/sdk");
  ASSERT_EQ(installed.status, 0) << installed.output;
  const auto written = run_serai({"plugin", "new", "trip-notes", "--directory", root, "--template",
                                  root + "/sdk/share/serai/template/files"});
  ASSERT_EQ(written.status, 0) << written.err;
  EXPECT_THAT(written.out, HasSubstr("trip-notes"));
  const auto built =
      shell("cd " + root + " && cmake -S trip-notes -B build -DCMAKE_PREFIX_PATH=" + root +
            "/sdk -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=Debug "
            "-DCMAKE_CXX_COMPILER_LAUNCHER='" SERAI_LAUNCHER "' && cmake --build build");
  ASSERT_EQ(built.status, 0) << built.output;

  RunningHost::Options options;
  options.profile["plugins"]["enabled"] = {{{"id", "trip-notes"}}};
  RunningHost host(options);
  EXPECT_EQ(host.client().get("/health/ready").status, 503);
  std::filesystem::copy_file(work.path() / "build/plugins/trip-notes.so",
                             host.plugin_directory() / "trip-notes.so");
  host.restart();
  const auto owner = host.make_tenant("writer");
  const auto added = host.client(owner).post("/api/v1/trip-notes/notes", {{"text", "Pack light"}});
  ASSERT_EQ(added.status, 201) << added.body;
  const auto id = added.json()["data"]["id"].get<std::string>();
  EXPECT_EQ(host.client(owner).get("/api/v1/trip-notes/notes/" + id).json()["data"]["text"],
            "Pack light");
  EXPECT_EQ(host.client(owner).post("/api/v1/trip-notes/notes", {{"text", ""}}).status, 422);
  EXPECT_EQ(host.client().get("/api/v1/trip-notes/notes").status, 401);
  EXPECT_THAT(host.client().get("/openapi.json").body, HasSubstr("/api/v1/trip-notes/notes/{id}"));
}

TEST(NewPlugin, is_not_written_over_something_or_under_a_bad_name) {
  const TemporaryDirectory work;
  const auto templates = std::string(SERAI_SOURCE_DIRECTORY "/sdk/template/files");
  const auto make = [&](const std::string& name) {
    return run_serai(
        {"plugin", "new", name, "--directory", work.path().string(), "--template", templates});
  };
  EXPECT_EQ(make("notes").status, 0);
  const auto again = make("notes");
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("nothing was written"));
  for (const auto* name : {"A", "Upper", "a_b", "../escape", "1st", "ends-", "x"})
    EXPECT_EQ(make(name).status, 1) << name;
}

}  // namespace
}  // namespace serai_test
