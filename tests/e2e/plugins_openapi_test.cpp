// The document at /openapi.json: exactly what is on, and in order by an independent linter.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

ShellResult lint(const std::string& document) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "openapi.json";
  write_file(file, document);
  return shell(SERAI_SOURCE_DIRECTORY "/tests/e2e/openapi-lint/lint.sh " + file.string());
}

std::set<std::string> mounts(const json& document) {
  std::set<std::string> out;
  for (const auto& [path, item] : document["paths"].items()) {
    if (!path.starts_with("/api/v1/")) continue;
    out.insert(path.substr(8, path.find('/', 8) - 8));
  }
  return out;
}

TEST(OpenApi, describes_exactly_the_plugins_that_are_on) {
  RunningHost host({.plugins = {"hello", "probe"}});
  auto document = host.client().get("/openapi.json").json();
  EXPECT_TRUE(mounts(document).contains("hello"));
  EXPECT_TRUE(mounts(document).contains("probe"));
  EXPECT_FALSE(mounts(document).contains("knowledge"));
  host.admin().send("POST", "/api/v1/admin/plugins/hello/disable", "");
  document = host.client().get("/openapi.json").json();
  EXPECT_FALSE(mounts(document).contains("hello"));
  EXPECT_TRUE(mounts(document).contains("probe"));
  host.admin().send("POST", "/api/v1/admin/plugins/hello/enable", "");
  EXPECT_TRUE(mounts(host.client().get("/openapi.json").json()).contains("hello"));
}

TEST(OpenApi, names_only_paths_that_exist) {
  RunningHost host({.plugins = {"hello", "probe"}});
  const auto document = host.client().get("/openapi.json").json();
  int operations = 0;
  for (const auto& [path, item] : document["paths"].items()) {
    auto real = path;
    for (auto at = real.find('{'); at != real.npos; at = real.find('{'))
      real.replace(at, real.find('}') - at + 1, "x");
    for (const auto& [method, operation] : item.items()) {
      if (!operation.is_object() || !operation.contains("operationId")) continue;
      ++operations;
      // Whatever it answers to a stranger, the path is there and takes the method.
      const auto options = host.client().send("OPTIONS", real, "");
      EXPECT_EQ(options.status, 204) << path;
      auto upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
      EXPECT_THAT(options.headers.at("allow"), testing::HasSubstr(upper)) << path;
    }
  }
  EXPECT_GT(operations, 40);
}

TEST(OpenApi, of_the_shipped_plugins_passes_the_linter) {
  RunningHost host({.plugins = {"ai", "knowledge", "helpdesk", "hello", "probe"}});
  ASSERT_EQ(host.management().get("/health/ready").status, 200)
      << host.management().get("/health/ready").body;
  const auto answer = host.client().get("/openapi.json");
  EXPECT_EQ(answer.json()["openapi"].get<std::string>().substr(0, 4), "3.1.");
  const auto result = lint(answer.body);
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(OpenApi, linter_would_notice) {
  EXPECT_EQ(
      lint(read_file(SERAI_SOURCE_DIRECTORY "/tests/e2e/openapi-lint/samples/bad.json")).status, 1);
}

TEST(OpenApi, is_printed_without_a_running_host) {
  const auto result =
      run_serai({"openapi", "--profile", SERAI_SOURCE_DIRECTORY "/profiles/minimal.yaml"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto mounted = mounts(json::parse(result.out));
  for (const auto* id : {"knowledge", "helpdesk", "ai"}) EXPECT_TRUE(mounted.contains(id)) << id;
}

}  // namespace
}  // namespace serai_test
