// The maths: rules by example, and laws that hold for every stay (seeded random).
#include "price.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "date.hpp"
#include "money.hpp"

namespace pricing {
namespace {

using testing::ElementsAre;

Rate lodge() {
  Rate rate;
  rate.rate_id = "RATE-1";
  rate.hotel_name = "Lodge";
  rate.destination = "Zanzibar";
  rate.room_type = "Double";
  rate.meal_plan = "HB";
  rate.check_in = *parse_day("2027-01-01");
  rate.check_out = *parse_day("2027-01-31");
  rate.currency = "ZAR";
  rate.sharing = 1'000'000;
  rate.single = 1'500'000;
  rate.child = 500'000;
  return rate;
}

Stay stay(std::vector<Room> rooms, const char* from = "2027-01-10", int nights = 7) {
  Stay stay;
  stay.check_in = *parse_day(from);
  stay.nights = nights;
  stay.rooms = std::move(rooms);
  return stay;
}

constexpr Policy kPolicy{2, 12, 100'000};

Option only(const std::vector<Rate>& rates, const Stay& wanted) {
  const auto options = price(rates, wanted, kPolicy);
  EXPECT_EQ(options.size(), 1U);
  return options.empty() ? Option{} : options.front();
}

std::vector<std::pair<std::string_view, Minor>> amounts(const Option& option) {
  std::vector<std::pair<std::string_view, Minor>> all;
  for (const Line& line : option.lines) all.emplace_back(line.rule, line.amount);
  return all;
}

TEST(Price, two_share_a_child_and_an_infant_pay_their_own_and_an_older_child_pays_as_an_adult) {
  const auto option = only({lodge()}, stay({{2, {13, 12, 2, 1}}}));
  EXPECT_THAT(amounts(option),
              ElementsAre(std::pair("adult_sharing", 3'000'000), std::pair("child", 1'000'000),
                          std::pair("infant", 100'000)));
  EXPECT_EQ(option.total, 4'100'000);
  EXPECT_EQ(option.lines[0], (Line{"adult_sharing", "RATE-1", 3, 1'000'000, 7, 7, 3'000'000}));
}

TEST(Price, who_has_no_other_adult_in_the_room_pays_single) {
  EXPECT_THAT(amounts(only({lodge()}, stay({{1, {5}}, {2, {}}}))),
              ElementsAre(std::pair("adult_sharing", 2'000'000),
                          std::pair("adult_single", 1'500'000), std::pair("child", 500'000)));
  EXPECT_EQ(only({lodge()}, stay({{1, {14}}})).total, 2'000'000) << "two who pay as adults share";
  Rate rate = lodge();
  rate.single.reset();
  rate.child.reset();
  EXPECT_THAT(amounts(only({rate}, stay({{1, {5}}}))),
              ElementsAre(std::pair("single_as_sharing", 1'000'000),
                          std::pair("child_as_sharing", 1'000'000)));
  rate.child = 0;
  rate.child_max_age = 3;
  EXPECT_EQ(only({rate}, stay({{2, {3}}})).total, 2'000'000) << "free is a price";
  EXPECT_EQ(only({rate}, stay({{2, {4}}})).total, 3'000'000) << "the rate's own age";
}

TEST(Price, a_package_is_for_its_nights_alone_and_a_nightly_rate_from_its_minimum) {
  EXPECT_TRUE(price({lodge()}, stay({{2, {}}}, "2027-01-10", 6), kPolicy).empty());
  EXPECT_EQ(only({lodge()}, stay({{2, {}}}, "2027-01-31", 7)).total, 2'000'000)
      << "the season of the arrival decides";
  EXPECT_TRUE(price({lodge()}, stay({{2, {}}}, "2027-02-01", 7), kPolicy).empty());
  Rate nightly = lodge();
  nightly.min_nights = 3;
  EXPECT_TRUE(price({nightly}, stay({{2, {}}}, "2027-01-10", 2), kPolicy).empty());
  const auto three = only({nightly}, stay({{2, {}}}, "2027-01-10", 3));
  EXPECT_EQ(three.total, 857'143) << "2 x 10,000.00 x 3/7 = 8,571.428...";
  EXPECT_EQ(three.lines[0].nights, 3);
  EXPECT_EQ(three.lines[0].per_nights, 7);
  EXPECT_TRUE(price({nightly}, stay({{2, {}}}, "2027-01-30", 3), kPolicy).empty())
      << "the last night is in no season";
}

TEST(Price, seasons_are_pieced_together_night_by_night_and_the_shorter_one_wins) {
  Rate low = lodge(), high = lodge(), festival = lodge();
  low.min_nights = high.min_nights = festival.min_nights = 1;
  high.rate_id = "RATE-2";
  high.check_in = *parse_day("2027-02-01");
  high.check_out = *parse_day("2027-02-28");
  high.sharing = 2'000'000;
  festival.rate_id = "RATE-3";
  festival.check_in = festival.check_out = *parse_day("2027-02-02");
  festival.sharing = 7'000'000;
  const auto option = only({festival, high, low}, stay({{2, {}}}, "2027-01-30", 5));
  ASSERT_EQ(option.lines.size(), 3U);
  EXPECT_EQ(option.lines[0], (Line{"adult_sharing", "RATE-1", 2, 1'000'000, 2, 7, 571'429}));
  EXPECT_EQ(option.lines[1], (Line{"adult_sharing", "RATE-2", 2, 2'000'000, 2, 7, 1'142'857}));
  EXPECT_EQ(option.lines[2], (Line{"adult_sharing", "RATE-3", 2, 7'000'000, 1, 7, 2'000'000}));
  EXPECT_EQ(option.total, 571'429 + 1'142'857 + 2'000'000);
}

TEST(Price, flights_and_transfers_count_when_asked_for_and_their_lack_is_told) {
  Rate rate = lodge();
  rate.flights_adult = 800'000;
  rate.flights_child = 600'000;
  rate.transfers_adult = 0;
  Stay wanted = stay({{2, {5, 1}}});
  EXPECT_EQ(only({rate}, wanted).total, 2'600'000);
  wanted.with_flights = wanted.with_transfers = true;
  const auto option = only({rate}, wanted);
  EXPECT_EQ(option.total, 2'600'000 + 1'600'000 + 600'000);
  EXPECT_THAT(option.missing, ElementsAre("transfers"));
  rate.transfers_adult = 100;
  EXPECT_EQ(only({rate}, wanted).total, 2'600'000 + 2'200'000 + 300) << "a child as an adult";
}

TEST(Price, the_choice_has_each_hotel_once_whole_and_comparable_offers_first) {
  std::vector<Rate> rates(5, lodge());
  rates[0].hotel_name = "Bay";
  rates[0].sharing = 900'000;
  rates[1].meal_plan = "BB";
  rates[1].sharing = 800'000;
  rates[2].hotel_name = "Far";
  rates[2].currency = "EUR";
  rates[2].sharing = 1;
  rates[3].hotel_name = "Cape";
  rates[3].sharing = 100;
  rates[4].meal_plan = "FB";
  for (auto* with : {&rates[0], &rates[1], &rates[2], &rates[4]}) with->flights_adult = 1;
  Stay wanted = stay({{2, {}}});
  wanted.with_flights = true;
  const auto all = price(rates, wanted, kPolicy);
  ASSERT_EQ(all.size(), 5U);
  const auto chosen = choose(all, "ZAR", 10);
  ASSERT_EQ(chosen.size(), 4U);
  EXPECT_EQ(chosen[0].rate.hotel_name + chosen[0].rate.meal_plan, "LodgeBB");
  EXPECT_EQ(chosen[1].rate.hotel_name, "Bay");
  EXPECT_EQ(chosen[2].rate.hotel_name, "Far") << "cheaper, but in another currency";
  EXPECT_EQ(chosen[3].rate.hotel_name, "Cape") << "cheapest, but without flights";
  EXPECT_EQ(choose(all, "ZAR", 2).size(), 2U);
}

TEST(Price, rooms_are_shared_so_that_nobody_is_alone_without_need) {
  const auto adults = [](const std::vector<Room>& rooms) {
    std::vector<int> counts;
    for (const Room& room : rooms) counts.push_back(room.adults);
    return counts;
  };
  EXPECT_THAT(adults(share_rooms(1, {}, 0)), ElementsAre(1));
  EXPECT_THAT(adults(share_rooms(3, {}, 0)), ElementsAre(3));
  EXPECT_THAT(adults(share_rooms(5, {}, 0)), ElementsAre(3, 2));
  EXPECT_THAT(adults(share_rooms(5, {}, 3)), ElementsAre(2, 2, 1));
  EXPECT_THAT(share_rooms(3, {1, 9}, 2)[1].children_ages, ElementsAre(9));
  EXPECT_THROW(share_rooms(2, {}, 3), std::invalid_argument);
  EXPECT_THROW(share_rooms(0, {}, 0), std::invalid_argument);
}

TEST(Price, is_converted_line_by_line_with_rate_and_margin) {
  const Exchange exchange{"EUR", "ZAR", 2, 2, 198'345'000'000, 500, "2027-01-01", "own", false};
  EXPECT_EQ(convert(10'000, exchange), 208'262) << "100.00 x 19.8345 x 1.05 = 2,082.6225";
  EXPECT_EQ(convert(1, {"JPY", "USD", 0, 2, 65'000'000, 0, "", "", false}), 1) << "0.65 cents";
  EXPECT_EQ(convert(1, {"KWD", "JPY", 3, 0, 4'999'999'999'999, 0, "", "", false}), 0);
  EXPECT_EQ(convert(1, {"KWD", "JPY", 3, 0, 5'000'000'000'000, 0, "", "", false}), 1) << "half up";
  EXPECT_THROW(convert(kLargestPrice * 1000,
                       {"EUR", "IDR", 0, 3, 1'000'000'000'000'000, 500, "", "", false}),
               std::overflow_error);
  Option option = only({lodge()}, stay({{2, {5}}}));
  convert(option, exchange);
  EXPECT_EQ(option.currency, "ZAR");
  EXPECT_EQ(option.total, option.lines[0].amount + option.lines[1].amount);
}

// --- laws
// ------------------------------------------------------------------------------------------

class Laws : public testing::Test {
 protected:
  int below(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }
  Minor amount() { return 1 + static_cast<Minor>(random_() % (1ULL << (1 + random_() % 40))); }

  Rate rate(int number) {
    Rate rate = lodge();
    rate.rate_id = "RATE-" + std::to_string(number);
    rate.hotel_name = below(2) ? "Lodge" : "Bay";
    rate.meal_plan = below(2) ? "BB" : "HB";
    rate.check_in = *parse_day("2027-01-01") + std::chrono::days(below(40));
    rate.check_out = rate.check_in + std::chrono::days(below(40));
    rate.nights = 1 + below(14);
    if (below(2)) rate.min_nights = 1 + below(5);
    if (below(3) == 0) rate.child_max_age = below(18);
    rate.sharing = amount();
    const auto maybe = [&](std::optional<Minor>& price) {
      if (below(2))
        price = amount();
      else
        price.reset();
    };
    for (auto* price : {&rate.single, &rate.child, &rate.flights_adult, &rate.flights_child,
                        &rate.transfers_adult, &rate.transfers_child})
      maybe(*price);
    return rate;
  }
  std::vector<Rate> rates() {
    std::vector<Rate> all;
    for (int i = 1 + below(12); i > 0; --i) all.push_back(rate(i));
    return all;
  }
  Stay any_stay() {
    std::vector<int> ages;
    for (int i = below(5); i > 0; --i) ages.push_back(below(18));
    const int adults = 1 + below(6);
    Stay wanted = stay(share_rooms(adults, ages, below(adults + 1)), "2027-01-20", 1 + below(14));
    wanted.with_flights = below(2);
    wanted.with_transfers = below(2);
    return wanted;
  }
  std::mt19937_64 random_{20270110};
};

TEST_F(Laws, a_total_is_the_sum_of_its_lines_and_each_line_follows_from_its_trace) {
  std::size_t seen = 0;
  for (int round = 0; round < 3000; ++round) {
    const auto table = rates();
    const Stay wanted = any_stay();
    for (const Option& option : price(table, wanted, kPolicy)) {
      ++seen;
      Minor sum = 0;
      int slept = 0, people = 0, nights = 0;
      for (const Line& line : option.lines) {
        sum += line.amount;
        ASSERT_GT(line.quantity, 0);
        ASSERT_TRUE(std::find(std::begin(kRules), std::end(kRules), line.rule) != std::end(kRules));
        ASSERT_TRUE(std::any_of(table.begin(), table.end(),
                                [&](const Rate& one) { return one.rate_id == line.rate_id; }));
        const long double exact =
            static_cast<long double>(line.unit) * line.quantity *
            (line.per_nights == 0 ? 1.0L : static_cast<long double>(line.nights) / line.per_nights);
        ASSERT_LE(std::abs(static_cast<long double>(line.amount) - exact), 0.5001L);
        if (line.per_nights > 0) slept += line.quantity * line.nights;
      }
      ASSERT_EQ(option.total, sum);
      for (const Room& room : wanted.rooms) {
        people += room.adults;
        for (const int age : room.children_ages) people += age >= kPolicy.infants_below;
      }
      nights = wanted.nights;
      ASSERT_EQ(slept, people * nights) << "everybody but infants sleeps every night, once";
    }
  }
  EXPECT_GT(seen, 2000U);
}

TEST_F(Laws, neither_the_order_of_rates_nor_of_travellers_matters) {
  for (int round = 0; round < 1000; ++round) {
    auto table = rates();
    Stay wanted = any_stay();
    const auto before = choose(price(table, wanted, kPolicy), "ZAR", 9);
    std::shuffle(table.begin(), table.end(), random_);
    std::shuffle(wanted.rooms.begin(), wanted.rooms.end(), random_);
    for (Room& room : wanted.rooms)
      std::shuffle(room.children_ages.begin(), room.children_ages.end(), random_);
    const auto after = choose(price(table, wanted, kPolicy), "ZAR", 9);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      ASSERT_EQ(before[i].total, after[i].total);
      ASSERT_EQ(before[i].lines, after[i].lines);
    }
  }
}

TEST_F(Laws, prices_a_hundred_times_as_high_make_amounts_that_are_at_most_rounding_away) {
  for (int round = 0; round < 1000; ++round) {
    auto table = rates();
    const Stay wanted = any_stay();
    const auto once = price(table, wanted, {2, 12, 100});
    for (Rate& one : table) {
      one.sharing *= 100;
      for (auto* price : {&one.single, &one.child, &one.flights_adult, &one.flights_child,
                          &one.transfers_adult, &one.transfers_child})
        if (*price) **price *= 100;
    }
    const auto hundredfold = price(table, wanted, {2, 12, 10'000});
    ASSERT_EQ(once.size(), hundredfold.size());
    for (std::size_t i = 0; i < once.size(); ++i)
      ASSERT_LE(std::abs(hundredfold[i].total - 100 * once[i].total),
                50 * static_cast<Minor>(once[i].lines.size()));
  }
}

TEST_F(Laws, a_season_cut_in_two_at_the_same_price_costs_the_same_but_for_rounding) {
  for (int round = 0; round < 1000; ++round) {
    Rate whole = rate(1);
    whole.check_in = *parse_day("2027-01-01");
    whole.check_out = *parse_day("2027-03-01");
    whole.min_nights = 1;
    whole.nights = 30;  // never a package of these stays
    Rate first = whole, second = whole;
    first.check_out = *parse_day("2027-01-20") + std::chrono::days(below(14));
    second.check_in = first.check_out + std::chrono::days(1);
    const Stay wanted = any_stay();
    const auto one = price({whole}, wanted, kPolicy), two = price({second, first}, wanted, kPolicy);
    ASSERT_EQ(one.size(), 1U);
    ASSERT_EQ(two.size(), 1U);
    ASSERT_LE(std::abs(one[0].total - two[0].total), 3);
  }
}

TEST_F(Laws, a_decimal_text_is_its_amount_and_back_in_json_too) {
  for (int round = 0; round < 100'000; ++round) {
    const int places = below(4);
    const Minor value = amount();
    const std::string text = decimal_text(value, places);
    ASSERT_EQ(parse_decimal(text, places), value) << text;
    const std::string json = decimal_json(value, places).dump();
    ASSERT_EQ(parse_decimal(json, places), value) << text << " is written " << json;
    ASSERT_LE(json.size(), text.size());
    ASSERT_EQ(parse_decimal(*number_text(decimal_json(value, places)), places), value) << text;
  }
  EXPECT_EQ(decimal_text(12345, 2), "123.45");
  EXPECT_EQ(decimal_text(12300, 2), "123");
  EXPECT_EQ(decimal_text(5, 3), "0.005");
  for (const char* bad : {"", ".", "1.", ".5", "-1", "+1", "1,5", "1 000", "1e3", "0x1", "1.234",
                          "nan", "200000000000000000", "١"})
    EXPECT_EQ(parse_decimal(bad, 2), std::nullopt) << bad;
  EXPECT_EQ(parse_decimal("007.50", 1), 75);
}

}  // namespace
}  // namespace pricing
