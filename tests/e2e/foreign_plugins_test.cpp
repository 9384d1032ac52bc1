// The boundary is C: a plugin in plain C, and one built with another compiler and another C++
// standard library than the host, are loaded by it as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ForeignPlugins, plain_c_is_loaded_answers_and_is_reloaded) {
  const auto needs = shell("readelf -Wd " + built_plugin("c-hello").string());
  ASSERT_EQ(needs.status, 0) << needs.output;
  EXPECT_THAT(needs.output, HasSubstr("[libc.so.6]"));
  EXPECT_THAT(needs.output, Not(HasSubstr("libstdc++")));
  RunningHost host({.plugins = {"c-hello"}});
  const auto greeted = [&] {
    return host.client().get("/api/v1/c-hello/Zo%C3%AB%22").json().value("hello", "");
  };
  EXPECT_EQ(greeted(), "Zo\u00eb\"");
  const auto reload = host.admin().send("POST", "/api/v1/admin/plugins/c-hello/reload", "");
  EXPECT_EQ(reload.status, 200) << reload.body;
  EXPECT_EQ(reload.json()["data"]["kept_generations"], 0);
  EXPECT_EQ(greeted(), "Zo\u00eb\"");
}

TEST(ForeignPlugins, clang_and_libcxx_are_loaded_answer_and_are_reloaded) {
  // An example's sources, unchanged, against the SDK of this build. The library is linked into the
  // plugin, so that the host's machine needs nothing it does not have.
  const TemporaryDirectory work;
  const auto build = (work.path() / "build").string();
  const auto built = shell(
      "cmake -S " SERAI_SOURCE_DIRECTORY "/sdk/examples/todo -B " + build +
      " -DCMAKE_PREFIX_PATH=" SERAI_BUILD_DIRECTORY
      " -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_FLAGS=-stdlib=libc++ -DCMAKE_BUILD_TYPE=Debug "
      "'-DCMAKE_CXX_STANDARD_LIBRARIES=-nostdlib++ -l:libc++.a -l:libc++abi.a' "
      "-DCMAKE_CXX_COMPILER_LAUNCHER='" SERAI_LAUNCHER "' -DBUILD_TESTING=OFF && cmake --build " +
      build + " --target todo");
  ASSERT_EQ(built.status, 0) << built.output;
  const auto file = work.path() / "build/plugins/todo.so";
  const auto needs = shell("readelf -Wd " + file.string());
  EXPECT_THAT(needs.output, Not(HasSubstr("libstdc++")));
  EXPECT_THAT(needs.output, Not(HasSubstr("libc++")));  // linked in
  EXPECT_THAT(read_file(file), HasSubstr("NSt3__1"));   // and this is that one's namespace

  RunningHost::Options options;
  options.profile["plugins"]["enabled"] = {{{"id", "todo"}}};
  RunningHost host(options);
  std::filesystem::copy_file(file, host.plugin_directory() / "todo.so");
  host.restart();
  const auto client = host.client(host.make_tenant("workshop"));
  const auto added = client.post("/api/v1/todo/items", {{"title", "Oil the hinges"}});
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(client.get("/api/v1/todo/items").json()["data"][0]["title"], "Oil the hinges");
  // An exception thrown inside of it becomes a problem of the host's.
  EXPECT_EQ(client.send("POST", "/api/v1/todo/items/none/done", "").json()["code"], "not_found");
  const auto reload = host.admin().send("POST", "/api/v1/admin/plugins/todo/reload", "");
  EXPECT_EQ(reload.status, 200) << reload.body;
  // Its run-time holds something of every thread that threw: the old code stays where it is, so
  // that the thread can end (the host's exit status says whether it did).
  EXPECT_EQ(reload.json()["data"]["kept_generations"], 1);
  EXPECT_EQ(client.get("/api/v1/todo/items").json()["count"], 1);
}

}  // namespace
}  // namespace serai_test
