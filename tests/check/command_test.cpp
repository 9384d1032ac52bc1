// `serai plugin check` as a command: its options, its output, its exit status.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/serai_process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using serai_test::run_serai;
using testing::HasSubstr;

const std::string kBad = std::string(BAD_PLUGINS) + "/bad_exports_more.so";

TEST(PluginCheck, lists_every_check_with_what_it_proves) {
  const auto result = run_serai({"plugin", "check", "--list"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("one-export\n    The file exports"));
  EXPECT_THAT(result.out, HasSubstr("loads-and-unloads\n    "));
}

TEST(PluginCheck, prints_its_seed_and_the_results_as_text) {
  const auto good = run_serai({"plugin", "check", HELLO, "--only", "one-export"});
  EXPECT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("passed    one-export"));
  EXPECT_THAT(good.out, HasSubstr("seed "));
  const auto bad = run_serai({"plugin", "check", kBad, "--only", "one-export"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, HasSubstr("failed    one-export"));
}

TEST(PluginCheck, checks_several_files_and_fails_if_one_fails) {
  const auto result =
      run_serai({"plugin", "check", HELLO, kBad, "--only", "one-export", "--json", "--seed", "5"});
  EXPECT_EQ(result.status, 1);
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report.at("seed"), 5);
  EXPECT_EQ(report.at("passed"), false);
  ASSERT_EQ(report.at("results").size(), 2);
  EXPECT_EQ(report.at("results").at(0).at("outcome"), "passed");
  EXPECT_EQ(report.at("results").at(1).at("outcome"), "failed");
}

TEST(PluginCheck, writes_junit) {
  const serai_test::TemporaryDirectory directory;
  const auto file = directory.path() / "junit.xml";
  run_serai({"plugin", "check", kBad, "--only", "one-export", "--only", "no-run-path", "--junit",
             file.string()});
  std::ifstream in(file);
  const std::string xml{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"bad_exports_more.so\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("name=\"one-export\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"It exports 2 symbols"));
}

TEST(PluginCheck, refuses_what_makes_no_sense) {
  EXPECT_NE(run_serai({"plugin", "check"}).status, 0);
  EXPECT_NE(run_serai({"plugin", "check", "/no/such/file.so"}).status, 0);
  const auto unknown = run_serai({"plugin", "check", HELLO, "--only", "no-such-check"});
  EXPECT_NE(unknown.status, 0);
  EXPECT_THAT(unknown.err, HasSubstr("no-such-check"));
}

}  // namespace
