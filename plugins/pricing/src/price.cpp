// See the header.
#include "price.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

namespace pricing {
namespace {

__extension__ using Wide = __int128;

constexpr Minor kLargestResult = 100'000'000'000'000'000;

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Half up; both not negative.
Minor divide(Wide amount, Wide by) {
  const Wide result = (2 * amount + by) / (2 * by);
  if (result > kLargestResult) throw std::overflow_error("The amount is too large.");
  return static_cast<Minor>(result);
}

// How those in the rooms pay under one rate.
struct Payers {
  int sharing = 0, single = 0, children = 0, infants = 0;
  int adults() const { return sharing + single; }
};

Payers payers(const std::vector<Room>& rooms, const Rate& rate, const Policy& policy) {
  const int oldest_child = rate.child_max_age.value_or(policy.children_up_to);
  Payers all;
  for (const Room& room : rooms) {
    int adults = room.adults;
    for (const int age : room.children_ages) {
      if (age < policy.infants_below)
        ++all.infants;
      else if (age <= oldest_child)
        ++all.children;
      else
        ++adults;
    }
    (adults == 1 ? all.single : all.sharing) += adults;
  }
  return all;
}

class Lines {
 public:
  explicit Lines(Option& option) : option_(option) {}

  void per_night(std::string_view rule, const Rate& rate, int quantity, Minor unit, int nights) {
    if (quantity == 0) return;
    add({rule, rate.rate_id, quantity, unit, nights, rate.nights,
         divide(Wide{unit} * quantity * nights, rate.nights)});
  }
  void once(std::string_view rule, const Rate& rate, int quantity, Minor unit) {
    if (quantity == 0) return;
    add({rule, rate.rate_id, quantity, unit, 0, 0, divide(Wide{unit} * quantity, 1)});
  }

 private:
  void add(Line line) {
    option_.total += line.amount;
    option_.lines.push_back(std::move(line));
  }
  Option& option_;
};

void add_nights(Lines& lines, const Rate& rate, const Payers& who, int nights) {
  lines.per_night("adult_sharing", rate, who.sharing, rate.sharing, nights);
  lines.per_night(rate.single ? "adult_single" : "single_as_sharing", rate, who.single,
                  rate.single.value_or(rate.sharing), nights);
  lines.per_night(rate.child ? "child" : "child_as_sharing", rate, who.children,
                  rate.child.value_or(rate.sharing), nights);
}

// Nobody travels for nothing: a price of 0 for adults is one that nobody has entered.
bool add_travel(Lines& lines, const Rate& rate, const Payers& who,
                const std::optional<Minor>& adult, const std::optional<Minor>& child,
                std::string_view adult_rule, std::string_view child_rule) {
  if (!adult || *adult == 0) return false;
  lines.once(adult_rule, rate, who.adults(), *adult);
  lines.once(child_rule, rate, who.children, child.value_or(*adult));
  return true;
}

// A rate and how many nights are slept at it, in the order of the nights.
using Segments = std::vector<std::pair<const Rate*, int>>;

Option option_of(const Segments& segments, const Stay& stay, const Policy& policy) {
  const Rate& arrival = *segments.front().first;
  Option option;
  option.rate = arrival;
  option.currency = arrival.currency;
  option.digits = arrival.digits;
  Lines lines(option);
  for (const auto& [rate, nights] : segments)
    add_nights(lines, *rate, payers(stay.rooms, *rate, policy), nights);
  const Payers who = payers(stay.rooms, arrival, policy);
  lines.once("infant", arrival, who.infants,
             divide(Wide{policy.infant_hundredths} * power_of_ten(arrival.digits), 100));
  if (stay.with_flights && !add_travel(lines, arrival, who, arrival.flights_adult,
                                       arrival.flights_child, "flight_adult", "flight_child"))
    option.missing.emplace_back("flights");
  if (stay.with_transfers &&
      !add_travel(lines, arrival, who, arrival.transfers_adult, arrival.transfers_child,
                  "transfer_adult", "transfer_child"))
    option.missing.emplace_back("transfers");
  return option;
}

bool in_season(const Rate& rate, Day day) { return rate.check_in <= day && day <= rate.check_out; }

bool better(const Rate* left, const Rate* right) {
  const auto rank = [](const Rate* rate) {
    return std::tuple(rate->check_out - rate->check_in, -rate->check_in.time_since_epoch(),
                      std::string_view(rate->rate_id));
  };
  return rank(left) < rank(right);
}

template <class Fits>
const Rate* best(const std::vector<const Rate*>& rates, Fits fits) {
  const Rate* found = nullptr;
  for (const Rate* rate : rates)
    if (fits(*rate) && (found == nullptr || better(rate, found))) found = rate;
  return found;
}

// Empty: they do not offer the stay.
Segments segments_of(const std::vector<const Rate*>& rates, const Stay& stay) {
  const Rate* package = best(rates, [&](const Rate& rate) {
    return rate.nights == stay.nights && in_season(rate, stay.check_in);
  });
  if (package != nullptr) return {{package, stay.nights}};
  std::map<const Rate*, int> slept;
  Segments segments;
  for (int night = 0; night < stay.nights; ++night) {
    const Day day = stay.check_in + std::chrono::days(night);
    const Rate* rate = best(rates, [&](const Rate& one) {
      return one.min_nights && *one.min_nights <= stay.nights && in_season(one, day);
    });
    if (rate == nullptr) return {};
    if (slept[rate]++ == 0) segments.emplace_back(rate, 0);
  }
  for (auto& [rate, nights] : segments) nights = slept[rate];
  return segments;
}

}  // namespace

std::vector<Room> share_rooms(int adults, std::vector<int> children_ages, int rooms) {
  if (rooms == 0) rooms = std::max(1, adults / 2);
  if (rooms < 0 || adults < 1 || rooms > adults)
    throw std::invalid_argument("Every room needs an adult.");
  std::vector<Room> shared(static_cast<std::size_t>(rooms));
  for (int i = 0; i < rooms; ++i)
    shared[static_cast<std::size_t>(i)].adults = adults / rooms + (i < adults % rooms ? 1 : 0);
  // The order in which children are named must not matter.
  std::sort(children_ages.begin(), children_ages.end(), std::greater<>());
  for (const int age : children_ages) {
    const auto people = [](const Room& room) {
      return static_cast<std::size_t>(room.adults) + room.children_ages.size();
    };
    std::min_element(shared.begin(), shared.end(), [&](const Room& left, const Room& right) {
      return people(left) < people(right);
    })->children_ages.push_back(age);
  }
  return shared;
}

std::vector<Option> price(const std::vector<Rate>& rates, const Stay& stay, const Policy& policy) {
  using Key = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view,
                         std::string_view>;
  std::map<Key, std::vector<const Rate*>> offers;
  for (const Rate& rate : rates)
    offers[{rate.hotel_name, rate.destination, rate.room_type, rate.meal_plan, rate.currency}]
        .push_back(&rate);
  std::vector<Option> options;
  for (const auto& [key, seasons] : offers) {
    const Segments segments = segments_of(seasons, stay);
    if (!segments.empty()) options.push_back(option_of(segments, stay, policy));
  }
  return options;
}

Minor convert(Minor amount, const Exchange& exchange) {
  const Wide factor = Wide{exchange.rate_e10} * (10'000 + exchange.margin_basis_points) *
                      power_of_ten(exchange.to_digits);
  return divide(Wide{amount} * factor,
                power_of_ten(10) * 10'000 * power_of_ten(exchange.from_digits));
}

void convert(Option& option, const Exchange& exchange) {
  option.total = 0;
  for (Line& line : option.lines) {
    line.unit = convert(line.unit, exchange);
    line.amount = convert(line.amount, exchange);
    option.total += line.amount;
  }
  option.currency = exchange.to;
  option.digits = exchange.to_digits;
  option.exchange = exchange;
}

std::vector<Option> choose(std::vector<Option> options, std::string_view currency,
                           std::size_t most) {
  const auto rank = [&](const Option& option) {
    return std::tuple(
        option.missing.size(), option.currency != currency, std::string_view(option.currency),
        option.total, std::string_view(option.rate.hotel_name),
        std::string_view(option.rate.destination), std::string_view(option.rate.room_type),
        std::string_view(option.rate.meal_plan));
  };
  std::sort(options.begin(), options.end(),
            [&](const Option& left, const Option& right) { return rank(left) < rank(right); });
  std::vector<Option> chosen;
  for (Option& option : options) {
    if (chosen.size() == most) break;
    const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const Option& other) {
      return other.rate.hotel_name == option.rate.hotel_name &&
             other.rate.destination == option.rate.destination;
    });
    if (!known) chosen.push_back(std::move(option));
  }
  return chosen;
}

}  // namespace pricing
