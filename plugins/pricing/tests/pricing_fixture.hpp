// The plugin in the fake host, with an administrator signed in.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace pricing_test {

using serai::Json;
using serai::Problem;

inline const std::string kBase = "/api/v1/pricing/";

class Pricing : public ::testing::Test {
 protected:
  Pricing() { host.as_user("alice", {"pricing.read", "pricing.write"}, "admin"); }

  static Json lodge(const Json& changes = Json::object()) {
    Json rate{{"hotel_name", "Blue Heron Lodge"},
              {"destination", "Zanzibar"},
              {"room_type", "Double"},
              {"meal_plan", "HB"},
              {"check_in_date", "2026-06-01"},
              {"check_out_date", "2026-08-31"},
              {"nights", 7},
              {"total_7nights_pps", 12345.67}};
    rate.update(changes);
    return rate;
  }

  // The new rate.
  Json add(const Json& changes = Json::object()) {
    const auto reply = host.post(kBase + "rates", lodge(changes));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.status == 201 ? reply.json()["data"] : Json::object();
  }

  Json get(const std::string& path) {
    const auto reply = host.get(kBase + path);
    EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
    return reply.status == 200 ? reply.json() : Json::object();
  }

  std::vector<std::string> hotels_in(const Json& answer) {
    std::vector<std::string> names;
    for (const Json& one : answer["data"]) names.push_back(one["hotel_name"]);
    return names;
  }

  serai::testing::Reply import(const std::string& csv, const std::string& dry_run = "false") {
    return host.post_form(kBase + "rates/import",
                          {{"file", csv, "rates.csv", "text/csv"}, {"dry_run", dry_run}});
  }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

}  // namespace pricing_test
