// Thirty-one leaks, each such as an honest author or a tired host developer would make. The
// isolation test must find each of them where it is, and nothing where there is none.
#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/isolation_test/isolation_test.hpp"
#include "isolation/leaks/host_faults.hpp"
#include "support/postgres_server.hpp"
#include "support/test_store.hpp"

namespace leaks {
namespace {

using host::cli::isolation_test::Options;
using host::cli::isolation_test::Report;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct Leak {
  const char* name;
  bool in_host;
  const char* whose_routes;  // are attacked
  const char* where;         // stands in one of the sentences that report it
};

// Where a leak shows: the route or thing of which the report speaks.
constexpr Leak kLeaks[] = {
    {"item_cache", false, "shop", "GET /api/v1/shop/items/{id}, "},
    {"list_cache", false, "shop", "GET /api/v1/shop/items, "},
    {"search_cache", false, "shop", "GET /api/v1/shop/search, "},
    {"cursor_session", false, "shop", "GET /api/v1/shop/items, "},
    {"cursor_tenant", false, "shop", "GET /api/v1/shop/items, "},
    {"header_tenant", false, "shop", "GET /api/v1/shop/items, "},
    {"query_tenant", false, "shop", "GET /api/v1/shop/items, "},
    {"order_lookup", false, "shop", "POST /api/v1/shop/orders, "},
    {"duplicate_error", false, "shop", "POST /api/v1/shop/items, "},
    {"existence", false, "shop", "GET /api/v1/shop/items/{id}, "},
    {"error_text", false, "shop", "GET /api/v1/shop/items/{id}, "},
    {"log_last", false, "shop", "a log line holds"},
    {"export_buffer", false, "shop", "GET /api/v1/shop/items/{id}/export, "},
    {"batch_job", false, "shop", "shop_notes"},
    {"event_memory", false, "shop", "GET /api/v1/shop/recent, "},
    {"service_cache", false, "shop", "service shop.newest/1, "},
    {"patch_memory", false, "shop", "PATCH /api/v1/shop/items/{id}, "},
    {"share_guess", false, "shop", "GET /api/v1/shop/shared/{token}, "},
    {"outside_memory", false, "shop", "outside, shop, "},
    {"cache_without_tenant", true, "shop", "GET /api/v1/shop/greeting, "},
    {"vectors_without_filter", true, "shop", "GET /api/v1/shop/similar, "},
    {"blob_of_anybody", true, "shop", "GET /api/v1/shop/files/{reference}, "},
    {"session_of_another", true, "shop", "/api/v1/shop/"},
    // What such a job writes to a database is undone by the fence of its run; the cache has none.
    {"job_token_kept", true, "shop", "GET /api/v1/shop/recent, "},
    {"idempotency_for_all", true, "shop", "idempotency key: "},
    {"client_id_believed", true, "shop", "client id: "},
    {"audit_to_the_last", true, "shop", "audit"},
    {"user_unchecked", true, "host", "GET /api/v1/users/{id}, "},
    {"session_unchecked", true, "host", "DELETE /api/v1/auth/sessions/{id}, "},
    {"mail_to_the_last", true, "host", "files, "},
    {"path_as_label", true, "shop", "metrics, "}};

std::vector<Leak> leaks_in(bool host) {
  std::vector<Leak> some;
  for (const auto& leak : kLeaks)
    if (leak.in_host == host) some.push_back(leak);
  return some;
}

std::string name_of(const testing::TestParamInfo<Leak>& info) { return info.param.name; }

// The house with the shop alone; `mistake` is the shop's.
Report try_out(const std::string& mistake, Options options) {
  if (serai_test::on_postgres()) {
    auto& server = serai_test::PostgresServer::shared();
    const auto database = server.make_database();
    options.postgres = {server.connection(database, "serai_app"),
                        server.connection(database, "serai_owner")};
  }
  host::config::Profile profile;
  profile.developer_mode = true;
  profile.plugin_directory = SERAI_SHOP_DIRECTORY;
  host::config::PluginChoice shop;
  shop.id = "shop";
  shop.settings = nlohmann::json{{"leak", mistake}}.dump();
  profile.plugins.push_back(shop);
  return host::cli::isolation_test::run(profile, options);
}

Options small(std::uint64_t seed) {
  Options options;
  options.requests = 3'000;
  options.seed = seed;
  return options;
}

std::string all_of(const Report& report) {
  std::string text;
  for (const auto& sentence : report.sentences()) text += sentence + "\n";
  for (const auto& [subject, why] : report.missing())
    text += subject + " NOT EXERCISED " + why + "\n";
  for (const auto& fault : report.faults()) text += fault + "\n";
  return text;
}

class Planted : public testing::TestWithParam<Leak> {
 protected:
  static void TearDownTestSuite() { std::cout << "caught " << caught_ << " leaks so far\n"; }
  void TearDown() override { plant(""); }
  static int caught_;
};
int Planted::caught_ = 0;

TEST_P(Planted, leak_is_found_where_it_is) {
  const auto& leak = GetParam();
  plant(leak.in_host ? leak.name : "");
  auto options = small(20'261'121);
  options.only = {leak.whose_routes};
  const auto report = try_out(leak.in_host ? "none" : leak.name, options);
  const auto sentences = report.sentences();
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(sentences, Contains(HasSubstr(leak.where))) << all_of(report);
  caught_ += std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
    return sentence.find(leak.where) != sentence.npos;
  });
}
INSTANTIATE_TEST_SUITE_P(InPlugin, Planted, testing::ValuesIn(leaks_in(false)), name_of);
INSTANTIATE_TEST_SUITE_P(InHost, Planted, testing::ValuesIn(leaks_in(true)), name_of);

TEST(Leaks, are_thirty_one_of_different_names) {
  std::set<std::string> names;
  for (const auto& leak : kLeaks) names.insert(leak.name);
  EXPECT_EQ(names.size(), 31U);
}

// The same plugin and the same program without a mistake.
TEST(Control, without_a_leak_is_clean) {
  const auto report = try_out("none", small(3));
  EXPECT_TRUE(report.passed()) << all_of(report);
  EXPECT_GE(report.requests, 3'000U);
  EXPECT_GT(report.routes, 60U);
}

TEST(Control, a_route_nobody_gets_an_answer_from_fails_the_test) {
  auto options = small(4);
  options.only = {"shop"};
  const auto report = try_out("unreachable", options);
  EXPECT_FALSE(report.passed());
  ASSERT_EQ(report.missing().size(), 1U) << all_of(report);
  EXPECT_EQ(report.missing().begin()->first, "GET /api/v1/shop/notes");
  EXPECT_THAT(report.sentences(), IsEmpty());
}

TEST(Control, a_seed_replays_the_same_attacks) {
  auto options = small(5);
  options.only = {"shop"};
  const auto first = try_out("none", options), second = try_out("none", options);
  const auto counts = [](const Report& report) {
    std::map<std::string, std::uint64_t> out;
    const auto json = report.to_json();
    for (const auto& row : json["rows"])
      if (row["attack"] == "random")
        out[row["subject"].get<std::string>() + row["role"].get<std::string>()] = row["requests"];
    return out;
  };
  EXPECT_GT(counts(first).size(), 50U);
  EXPECT_EQ(counts(first), counts(second));
}

}  // namespace
}  // namespace leaks
