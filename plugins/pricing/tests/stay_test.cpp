// pricing.stay/1, as other plugins ask it, and by route.
#include "pricing_fixture.hpp"

namespace pricing_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StayService : public Pricing {
 protected:
  Json ask(const Json& changes = Json::object()) {
    Json wish{
        {"destination", "Zanzibar"}, {"check_in", "2026-06-10"}, {"nights", 7}, {"adults", 2}};
    wish.update(changes);
    return host.call_service("pricing.stay/1", wish);
  }
  std::vector<std::string> hotels(const Json& changes = Json::object()) {
    return hotels_in(Json{{"data", ask(changes)["options"]}});
  }
};

TEST_F(StayService, answers_the_example_of_the_readme) {
  const std::string id = add({{"hotel_rating", 4.5},
                              {"total_7nights_child", 6000},
                              {"flights_adult", 8000},
                              {"flights_child", 6500.5}})["rate_id"];
  const Json answer = ask({{"children_ages", {8}}, {"with_flights", true}});
  const auto line = [&](const char* rule, int quantity, int unit, int nights, int amount) {
    return Json{{"rule", rule},          {"rate_id", id},    {"quantity", quantity},
                {"unit_minor", unit},    {"nights", nights}, {"per_nights", nights},
                {"amount_minor", amount}};
  };
  EXPECT_EQ(
      answer,
      (Json{{"check_in", "2026-06-10"},
            {"check_out", "2026-06-17"},
            {"nights", 7},
            {"currency", "ZAR"},
            {"options",
             {{{"hotel_name", "Blue Heron Lodge"},
               {"star_rating", 4.5},
               {"destination", "Zanzibar"},
               {"room_type", "Double"},
               {"meal_plan", "HB"},
               {"nights", 7},
               {"total", 53191.84},
               {"total_minor", 5319184},
               {"currency", "ZAR"},
               {"missing", Json::array()},
               {"exchange", nullptr},
               {"lines",
                {line("adult_sharing", 2, 1234567, 7, 2469134), line("child", 1, 600000, 7, 600000),
                 line("flight_adult", 2, 800000, 0, 1600000),
                 line("flight_child", 1, 650050, 0, 650050)}}}}}}));
}

TEST_F(StayService, finds_by_destination_its_other_names_hotel_words_room_and_board) {
  host.set_setting("destination_aliases", {{"Zanzibar", {"Stone Town", "Unguja"}}});
  add();
  add({{"hotel_name", "Emerson"}, {"destination", "Stone Town"}, {"total_7nights_pps", 1}});
  add({{"hotel_name", "Acacia"}, {"destination", "Kruger"}, {"meal_plan", "AI"}});
  EXPECT_THAT(hotels({{"destination", "unguja"}}), ElementsAre("Emerson", "Blue Heron Lodge"));
  EXPECT_THAT(hotels({{"hotels", {"heron  blue"}}}), ElementsAre("Blue Heron Lodge"));
  EXPECT_THAT(hotels({{"destination", nullptr}, {"hotels", {"Acacia", "EMERSON"}}}),
              ElementsAre("Emerson", "Acacia"));
  EXPECT_THAT(hotels({{"hotels", {"100%_"}}}), ElementsAre());
  EXPECT_THAT(hotels({{"meal_plan", "hb"}, {"max_options", 1}}), ElementsAre("Emerson"));
  EXPECT_THAT(hotels({{"room_type", "suite"}}), ElementsAre());
  EXPECT_THAT(hotels({{"destination", "Atlantis"}}), ElementsAre());
  EXPECT_THAT(hotels({{"check_in", "2026-09-01"}}), ElementsAre());
  EXPECT_THAT(hotels({{"nights", 6}}), ElementsAre()) << "packages of seven nights";
  add({{"hotel_name", "Nightly"}, {"min_nights", 2}});
  EXPECT_THAT(hotels({{"nights", 6}}), ElementsAre("Nightly"));
  EXPECT_THAT(hotels({{"nights", 1}}), ElementsAre());
}

TEST_F(StayService, knows_rooms_as_a_number_and_as_a_list) {
  add({{"total_7nights_pps", 100}, {"total_7nights_single", 150}, {"total_7nights_child", 10}});
  const auto total = [&](const Json& changes) { return ask(changes)["options"][0]["total"]; };
  EXPECT_EQ(total(Json::object()), 200);
  EXPECT_EQ(total({{"rooms", 2}}), 300);
  EXPECT_EQ(total({{"rooms", {{{"adults", 2}, {"children_ages", {4}}}, {{"adults", 1}}}}}), 360);
  EXPECT_EQ(total({{"children_ages", {1}}}), 1200) << "an infant";
  host.set_setting("infant_price", 99.5);
  EXPECT_EQ(total({{"children_ages", {1}}}), 299.5);
  host.set_setting("children_up_to", 5);
  EXPECT_EQ(total({{"children_ages", {6}}}), 300);
}

TEST_F(StayService, refuses_what_makes_no_sense_by_its_field) {
  for (const auto& [changes, field] : std::initializer_list<std::pair<Json, const char*>>{
           {{{"destination", ""}}, "/destination"},
           {{{"destination", 5}}, "/destination"},
           {{{"check_in", "tomorrow"}}, "/check_in"},
           {{{"check_in", nullptr}}, "/check_in"},
           {{{"check_out", "2026-06-10"}}, "/check_out"},
           {{{"check_out", "2026-06-12"}}, "/nights"},
           {{{"nights", 0}}, "/nights"},
           {{{"nights", 7.5}}, "/nights"},
           {{{"adults", 0}}, "/adults"},
           {{{"children_ages", {18}}}, "/children_ages"},
           {{{"children_ages", 3}}, "/children_ages"},
           {{{"rooms", 3}}, "/rooms"},
           {{{"rooms", Json::array()}}, "/rooms"},
           {{{"rooms", {1}}}, "/rooms"},
           {{{"hotels", {1}}}, "/hotels"},
           {{{"hotels", {" "}}}, "/hotels"},
           {{{"currency", "rand"}}, "/currency"},
           {{{"with_flights", "yes"}}, "/with_flights"},
           {{{"max_options", 21}}, "/max_options"}}) {
    try {
      ask(changes);
      ADD_FAILURE() << changes;
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status, 422) << changes;
      ASSERT_FALSE(problem.errors.empty()) << changes;
      EXPECT_EQ(problem.errors[0].pointer, field) << changes;
    }
  }
  EXPECT_THROW(host.call_service("pricing.stay/1", Json::array()), Problem);
}

TEST_F(StayService, serves_people_with_the_permission_and_jobs_of_the_tenant) {
  add();
  host.as_user("eve", {});
  EXPECT_THROW(ask(), Problem);
  host.as_nobody();
  EXPECT_EQ(ask()["options"].size(), 1U) << "a job";
  host.tenant("other");
  EXPECT_EQ(ask()["options"].size(), 0U);
}

TEST_F(StayService, is_a_route_too_and_reads_few_rows) {
  for (int i = 0; i < 40; ++i)
    add({{"hotel_name", "H" + std::to_string(i)}, {"destination", i < 20 ? "Kenya" : "Zanzibar"}});
  const auto before = host.sql_rows();
  const auto reply = host.post(
      kBase + "stay",
      {{"destination", "Kenya"}, {"check_in", "2026-06-10"}, {"check_out", "2026-06-17"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(host.sql_rows() - before, 20);
  EXPECT_EQ(reply.json()["data"]["options"].size(), 3U);
  EXPECT_THAT(reply.body, HasSubstr("\"success\":true"));
}

}  // namespace
}  // namespace pricing_test
