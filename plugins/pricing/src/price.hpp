// The maths of a stay: pure, exact, deterministic. Amounts are whole numbers of a currency's minor
// unit (cents); nothing here is floating point, reads a clock or knows a database.
//
// Rounding, everywhere: half up, once for each line (unit x quantity x nights / nights of the
// rate), and once more for each line when it is converted. A total is the sum of its lines, never
// rounded itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pricing {

using Minor = std::int64_t;
using Day = std::chrono::sys_days;

// The largest price in a rate table. With it no sum of a stay and no conversion leaves 64 bits, or
// convert() throws.
inline constexpr Minor kLargestPrice = 1'000'000'000'000;

// One row of the rate table: prices per person for `nights` nights.
struct Rate {
  std::string rate_id;
  std::string hotel_name;
  std::optional<double> hotel_rating;  // stars
  std::string destination;
  std::string room_type;
  std::string meal_plan;
  Day check_in{};   // the season: its first
  Day check_out{};  // and last day
  int nights = 7;
  std::optional<int> min_nights;     // set: stays of so many nights and more, at so much per night
  std::optional<int> child_max_age;  // none: the tenant's
  std::string currency;
  int digits = 2;  // of the minor unit of `currency`
  Minor sharing = 0;
  std::optional<Minor> single, child;
  std::optional<Minor> flights_adult, flights_child, transfers_adult, transfers_child;
  bool is_active = true;
};

struct Room {
  int adults = 2;
  std::vector<int> children_ages;
};

struct Stay {
  Day check_in{};
  int nights = 7;
  std::vector<Room> rooms;
  bool with_flights = false, with_transfers = false;
};

struct Policy {
  int infants_below = 2;    // years
  int children_up_to = 12;  // years; who is older pays as an adult
  std::int64_t infant_hundredths =
      0;  // price of an infant for a stay, hundredths of a currency unit
};

// An amount and where it comes from.
struct Line {
  std::string_view rule;  // one of the kRules
  std::string rate_id;
  int quantity = 0;
  Minor unit = 0;      // for one, for `per_nights` nights, or once if that is 0
  int nights = 0;      // slept at this rate; 0: once
  int per_nights = 0;  // nights that `unit` is for
  Minor amount = 0;

  bool operator==(const Line&) const = default;
};

inline constexpr std::string_view kRules[] = {
    "adult_sharing",      // shares the room with another who pays as an adult
    "adult_single",       // the only one in the room who pays as an adult
    "single_as_sharing",  // the same where the rate has no single price
    "child",
    "child_as_sharing",  // where the rate has no price for children
    "infant",
    "flight_adult",
    "flight_child",
    "transfer_adult",
    "transfer_child"};

struct Exchange {
  std::string from, to;
  int from_digits = 2, to_digits = 2;
  std::int64_t rate_e10 = 0;  // units of `to` for one of `from`, times 10^10
  int margin_basis_points = 0;
  std::string as_of;   // date
  std::string source;  // "own", or whose table
  bool stale = false;
};

// One hotel, room type and board for the stay.
struct Option {
  Rate rate;  // of the first night
  std::string currency;
  int digits = 2;
  Minor total = 0;
  std::vector<Line> lines;
  std::vector<std::string_view>
      missing;                       // "flights", "transfers": asked for, but the rate has none
  std::optional<Exchange> exchange;  // by which all lines were converted
};

// Adults spread evenly over the rooms, children into the emptiest. 0 rooms: as few as let nobody
// be alone. Throws std::invalid_argument if a room would be without an adult.
std::vector<Room> share_rooms(int adults, std::vector<int> children_ages, int rooms);

// What the rates offer for the stay, in no order: for each hotel, room type, board and currency the
// package of exactly that many nights whose season has the arrival; else, where every night lies in
// a season sold by the night, each night at its own. Where several fit, the shorter season wins,
// then the one that begins later, then the smaller rate id.
std::vector<Option> price(const std::vector<Rate>& rates, const Stay& stay, const Policy& policy);

// Half up. Throws std::overflow_error beyond 10^17.
Minor convert(Minor amount, const Exchange& exchange);
void convert(Option& option, const Exchange& exchange);

// The best option of each hotel, best first, at most `most`: whole ones before those that miss
// something, in `currency` before others, then by total, then by name.
std::vector<Option> choose(std::vector<Option> options, std::string_view currency,
                           std::size_t most);

}  // namespace pricing
