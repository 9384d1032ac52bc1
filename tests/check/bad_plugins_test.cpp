// Each check can fail: on the plugin that breaks its law, and in the words of that law.
#include <gtest/gtest.h>

#include "support/serai_process.hpp"

namespace {

struct Bad {
  const char* plugin;
  const char* check;
  const char* words;  // of a finding
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.plugin; }

std::string name_of(const testing::TestParamInfo<Bad>& bad) { return bad.param.plugin; }

nlohmann::json checked(const std::string& plugin, const std::string& check) {
  const auto result =
      serai_test::run_serai({"plugin", "check", std::string(BAD_PLUGINS) + "/" + plugin, "--only",
                             check, "--json", "--seed", "7", "--fuzz-time", "3", "--time-limit",
                             check == "gives-up-after-deadline" ? "10" : "120"});
  auto json = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << result.out << result.err;
  EXPECT_EQ(result.status, json.value("passed", false) ? 0 : 1) << result.err;
  return json;
}

class BadPlugin : public testing::TestWithParam<Bad> {};

TEST_P(BadPlugin, fails_its_check) {
  const auto& [plugin, check, words] = GetParam();
  const auto report = checked(std::string(plugin) + ".so", check);
  const auto& result = report.at("results").at(0);
  EXPECT_NE(result.at("outcome"), "passed") << result;
  EXPECT_NE(result.at("outcome"), "skipped") << result;
  EXPECT_NE(result.at("findings").dump().find(words), std::string::npos) << result;
}

TEST_P(BadPlugin, breaks_a_law_that_a_good_plugin_keeps) {
  const auto report = checked("bad_none.so", GetParam().check);
  EXPECT_EQ(report.at("results").at(0).at("outcome"), "passed") << report;
}

TEST(BadPlugins, that_know_their_place_fail_no_other_check) {
  const auto result = serai_test::run_serai(
      {"plugin", "check", std::string(BAD_PLUGINS) + "/bad_knows_its_place.so", "--json", "--seed",
       "7", "--fuzz-time", "1", "--time-limit", "60"});
  const auto report = nlohmann::json::parse(result.out);
  std::vector<std::string> failed;
  for (const auto& check : report.at("results"))
    if (check.at("outcome") != "passed" && check.at("outcome") != "skipped")
      failed.push_back(check.at("check"));
  EXPECT_EQ(failed, std::vector<std::string>{"both-placements-byte-equal"}) << result.out;
}

// Its answers differ in one placement as in two: that is said, and is not the placement's fault.
TEST(BadPlugins, that_draw_lots_are_compared_by_what_can_be_compared) {
  const auto report = checked("bad_draws_lots.so", "both-placements-byte-equal");
  const auto& result = report.at("results").at(0);
  EXPECT_EQ(result.at("outcome"), "passed") << result;
  EXPECT_NE(result.at("notes").dump().find("does not repeat its answers"), std::string::npos)
      << result;
}

INSTANTIATE_TEST_SUITE_P(
    Static, BadPlugin,
    testing::Values(Bad{"bad_exports_more", "one-export", "bad_helper"},
                    Bad{"bad_unique_symbol", "no-unique-symbols", "bad_unique"},
                    Bad{"bad_no_relro", "full-relro", "-z,relro"},
                    Bad{"bad_executable_stack", "no-executable-stack", "executable stack"},
                    Bad{"bad_run_path", "no-run-path", "/opt/somewhere"},
                    Bad{"bad_strange_library", "allowed-libraries", "libcurl"},
                    Bad{"bad_text_relocation", "no-text-relocations", "rewritten"},
                    Bad{"bad_initial_exec", "no-initial-exec-tls", "initial-exec"},
                    Bad{"bad_other_manifest", "manifest-equals-entry", "another manifest"},
                    Bad{"bad_open_door", "manifest-valid", "permission"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Lifecycle, BadPlugin,
    testing::Values(Bad{"bad_stays_mapped", "loads-and-unloads", "stays mapped"},
                    Bad{"bad_missing_handler", "handlers-resolve", "work"},
                    Bad{"bad_eager_handler", "handlers-resolve", "nobody declared"},
                    Bad{"bad_needs_start", "lifecycle-orders", "null pointer"},
                    Bad{"bad_leaves_thread", "leaves-no-thread", "still run"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Requests, BadPlugin,
    testing::Values(Bad{"bad_faulty_json", "valid-requests", "not well-formed"},
                    Bad{"bad_undeclared_answer", "valid-requests", "/success"},
                    Bad{"bad_no_answer", "valid-requests", "without an answer"},
                    Bad{"bad_wants_body", "empty-input", "null pointer"},
                    Bad{"bad_small_buffer", "huge-input", "It died of"},
                    Bad{"bad_recursive", "deeply-nested-input", "out of stack"},
                    Bad{"bad_trusts_schema", "invalid-requests", "SIGABRT"},
                    Bad{"bad_trusts_messages", "invalid-messages", "fails with 500"},
                    Bad{"bad_fragile", "fuzz", "SIGABRT"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Laws, BadPlugin,
    testing::Values(
        Bad{"bad_keeps_request", "request-memory-ends", "touches the request's path after"},
        Bad{"bad_counts_on_nul", "request-memory-ends", "beyond the end of the request's path"},
        Bad{"bad_keeps_rows", "lent-views-end", "a value of serai.config/1"},
        Bad{"bad_reads_released_rows", "lent-views-end", "rows of serai.sql/1"},
        Bad{"bad_stale_call", "handles-end", "handle of a call that has ended"},
        Bad{"bad_releases_twice", "handles-end", "closed before"},
        Bad{"bad_other_thread", "host-calls-from-own-thread", "another thread"},
        Bad{"bad_wrong_phase", "no-calls-in-wrong-phase", "in start()"},
        Bad{"bad_bad_arguments", "valid-host-arguments", "serai.sql/1 query refuses"},
        Bad{"bad_undeclared", "declares-what-it-uses", "undeclared"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Failures, BadPlugin,
    testing::Values(Bad{"bad_assumes_optional", "interfaces-withheld", "optional"},
                    Bad{"bad_assumes_interface", "interfaces-withheld", "null pointer"},
                    Bad{"bad_ignores_failures", "failing-host-calls", "null pointer"},
                    Bad{"bad_acknowledges_early", "failing-host-calls", "not committed"},
                    Bad{"bad_tries_for_ever", "gives-up-after-deadline", "did not end"},
                    Bad{"bad_trusts_malloc", "failing-allocations", "null pointer"},
                    Bad{"bad_throws", "exceptions-stay-inside", "An exception came out"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Together, BadPlugin,
    testing::Values(Bad{"bad_shared_buffer", "concurrent-calls", "a tenant's data"},
                    Bad{"bad_late_work", "drains-in-flight-calls", "It calls serai.kv/1 put"},
                    Bad{"bad_shared_cache", "tenants-apart", "a tenant's data"},
                    Bad{"bad_shared_cache", "forgets-tenant", "a tenant's data"},
                    Bad{"bad_counts_calls", "answers-repeat", "the second"},
                    Bad{"bad_knows_its_place", "both-placements-byte-equal", "instead of"}),
    [](const testing::TestParamInfo<Bad>& bad) {
      return name_of(bad) + "_" + std::to_string(bad.index);
    });

}  // namespace
