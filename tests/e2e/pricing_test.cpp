// A rate table's life as its owner leads it: a file in, prices out, the file back.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kHead =
    "hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,total_7nights_"
    "pps,"
    "total_7nights_child,flights_adult\n";

std::string rates(int count) {
  std::string file = kHead;
  for (int i = 0; i < count; ++i)
    file += "Lodge " + std::to_string(i % 997) + ",Coast " + std::to_string(i % 50) + ",Room " +
            std::to_string(i / 997) + ",HB,2027-01-01,2027-12-31,7," +
            std::to_string(1000 + i % 89) + ".95,500,8000\n";
  return file;
}

class Pricing : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"pricing"};
    // Nobody outside is asked for exchange rates.
    options.profile["plugins"]["enabled"] = {
        {{"id", "pricing"}, {"settings", {{"exchange_url", ""}}}}};
    host_ = std::make_unique<RunningHost>(options);
    owner_ = host_->make_tenant("pricing");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static Answer import(const Person& person, const std::string& file) {
    return host_->client(person).upload("/api/v1/pricing/rates/import",
                                        {"file", "rates.csv", "text/csv", file});
  }
  static json get(const Person& person, const std::string& path) {
    const auto answer = host_->client(person).get("/api/v1/pricing/" + path);
    EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
    return answer.json();
  }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_;
};
std::unique_ptr<RunningHost> Pricing::host_;
Person Pricing::owner_;

TEST_F(Pricing, a_file_becomes_prices_and_comes_back_and_nobody_else_sees_it) {
  const auto consultant = host_->invite(owner_, "clerk@pricing.example", "consultant");
  const auto stranger = host_->make_tenant("stranger");
  const auto in = import(owner_, rates(2000));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.json()["created"], 2000);
  EXPECT_EQ(get(consultant, "rates?destination=coast%207&limit=5")["total"], 40);
  EXPECT_EQ(get(consultant, "destinations")["count"], 50);
  const auto hotel = get(consultant, "hotels?destination=Coast%207")["data"][0];
  EXPECT_THAT(get(consultant, "hotels/" + std::string("Lodge%207") + "/rates")["count"],
              testing::Ge(1));
  EXPECT_EQ(hotel["destination"], "Coast 7");

  const auto priced = host_->client(consultant)
                          .post("/api/v1/pricing/stay", {{"hotels", {"Lodge 7"}},
                                                         {"destination", "Coast 7"},
                                                         {"check_in", "2027-06-10"},
                                                         {"check_out", "2027-06-17"},
                                                         {"children_ages", {5}},
                                                         {"with_flights", true}});
  ASSERT_EQ(priced.status, 200) << priced.body;
  const auto option = priced.json()["data"]["options"][0];
  std::int64_t sum = 0;
  for (const auto& line : option["lines"]) sum += line["amount_minor"].get<std::int64_t>();
  EXPECT_EQ(option["total_minor"], sum) << option;
  EXPECT_EQ(option["lines"][1]["rule"], "child");

  EXPECT_EQ(import(consultant, rates(1)).status, 403);
  EXPECT_EQ(get(stranger, "rates")["total"], 0);
  EXPECT_THAT(host_->client(stranger).get("/api/v1/pricing/rates/export").body,
              Not(HasSubstr("Lodge")));
  const auto rate = get(owner_, "rates?limit=1")["data"][0];
  EXPECT_EQ(host_->client(stranger)
                .get("/api/v1/pricing/rates/" + rate["rate_id"].get<std::string>())
                .status,
            404);

  const auto out = host_->client(owner_).get("/api/v1/pricing/rates/export");
  ASSERT_EQ(out.status, 200);
  EXPECT_EQ(std::count(out.body.begin(), out.body.end(), '\n'), 2001);
  EXPECT_EQ(import(stranger, out.body).json()["created"], 2000);
  EXPECT_EQ(import(owner_, out.body).json()["updated"], 2000);
}

TEST_F(Pricing, a_rate_is_kept_changed_converted_and_taken_away) {
  const auto tenant = host_->make_tenant("keeping");
  const auto client = host_->client(tenant);
  const json rate{{"hotel_name", "Ħotel Ärmelkanal"},
                  {"destination", "Zürich"},
                  {"room_type", "Double"},
                  {"meal_plan", "BB"},
                  {"check_in_date", "2027-01-01"},
                  {"check_out_date", "2027-12-31"},
                  {"nights", 7},
                  {"min_nights", 2},
                  {"total_7nights_pps", 999.99},
                  {"currency", "EUR"},
                  {"hotel_rating", 4.5}};
  const auto created = client.post("/api/v1/pricing/rates", rate);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(client.post("/api/v1/pricing/rates", rate).status, 409);
  const auto path = "/api/v1/pricing/rates/" + created.json()["rate_id"].get<std::string>();
  const auto changed = client.send("PUT", path, R"({"total_7nights_pps": 700.70})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_THAT(client.get(path).body, HasSubstr("\"total_7nights_pps\":700.7,"));
  EXPECT_EQ(get(tenant, "stats")["data"]["by_meal_plan"], (json{{"BB", 1}}));
  EXPECT_EQ(get(tenant, "hotels")["data"][0]["star_rating"], 4.5);

  const json stay{
      {"destination", "ZÜRICH"}, {"hotels", {"ärmel"}}, {"check_in", "2027-06-10"}, {"nights", 3}};
  const auto price = [&] {
    const auto answer = client.post("/api/v1/pricing/stay", stay);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["data"]["options"].at(0);
  };
  EXPECT_EQ(price()["total"], 600.6) << "2 x 700.70 x 3/7 EUR: nobody has said what that is in ZAR";
  const auto exchange = client.post("/api/v1/pricing/exchange-rates",
                                    {{"from", "EUR"}, {"to", "ZAR"}, {"rate", "20.123"}});
  ASSERT_EQ(exchange.status, 201) << exchange.body;
  EXPECT_EQ(price()["total"], 12690.17) << "600.60 x 20.123 x 1.05";
  EXPECT_EQ(get(tenant, "exchange-rates")["data"][0]["source"], "own");
  EXPECT_EQ(client
                .remove("/api/v1/pricing/exchange-rates/" +
                        exchange.json()["data"]["id"].get<std::string>())
                .status,
            200);
  EXPECT_EQ(client.post("/api/v1/pricing/exchange-rates/refresh", json::object()).status, 202);

  EXPECT_EQ(client.remove(path).status, 200);
  EXPECT_EQ(get(tenant, "rates")["total"], 0);
  EXPECT_EQ(get(tenant, "rates?is_active=false")["total"], 1);
  EXPECT_EQ(client.remove(path + "?hard_delete=true").status, 200);
  EXPECT_EQ(client.get(path).status, 404);
}

TEST_F(Pricing,
       one_bad_row_of_many_is_named_and_keeps_all_out_and_what_was_acknowledged_outlives_a_kill) {
  auto tenant = host_->make_tenant("careful");
  const auto refused =
      import(tenant, rates(1000) + "Lodge,Coast,Room,HB,2027-01-01,2027-13-31,7,1,1,1\n");
  ASSERT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json()["errors"][0]["detail"],
            "Line 1002: check_out_date must be a date like 2026-12-31, not \"2027-13-31\".");
  EXPECT_EQ(get(tenant, "rates")["total"], 0);
  EXPECT_EQ(import(tenant, rates(3)).status, 200);
  host_->kill();
  host_->start();
  host_->login(tenant);
  host_->login(owner_);
  EXPECT_EQ(get(tenant, "rates")["total"], 3);
}

}  // namespace
}  // namespace serai_test
