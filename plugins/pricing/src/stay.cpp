// See the header.
#include "stay.hpp"

#include <algorithm>
#include <stdexcept>

#include "date.hpp"
#include "exchange.hpp"
#include "money.hpp"
#include "price.hpp"
#include "rate_store.hpp"

namespace pricing {
namespace {

using serai::Json;

constexpr std::int64_t kMostRates = 10'000;  // that may fit one stay

struct Wish {
  std::string destination, meal_plan, room_type, currency;
  std::vector<std::string> hotels;
  Stay stay;
  std::size_t most = 3;
};

template <class T>
T member(const Json& object, const std::string& name, T fallback, const char* kind) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return fallback;
  try {
    return found->get<T>();
  } catch (const Json::exception&) {
    throw serai::invalid_field("/" + name, std::string("This must be ") + kind + ".");
  }
}

int whole(const Json& object, const std::string& name, int fallback, int least, int most) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return fallback;
  if (found->is_number_integer() && *found >= least && *found <= most) return found->get<int>();
  throw serai::invalid_field("/" + name, "This must be a whole number from " +
                                             std::to_string(least) + " to " + std::to_string(most) +
                                             ".");
}

std::vector<int> ages(const Json& object) {
  const auto found = member(object, "children_ages", Json::array(), "a list of ages");
  std::vector<int> years;
  const auto is_age = [](const Json& age) {
    return age.is_number_integer() && age >= 0 && age <= 17;
  };
  if (!found.is_array() || found.size() > 50 || !std::all_of(found.begin(), found.end(), is_age))
    throw serai::invalid_field("/children_ages", "These must be ages from 0 to 17.");
  for (const Json& age : found) years.push_back(age.get<int>());
  return years;
}

// `rooms` is a number, or a list that says who sleeps where.
std::vector<Room> rooms(const Json& wish) {
  const auto given = member(wish, "rooms", Json(0), "a number or a list of rooms");
  if (!given.is_array()) {
    try {
      return share_rooms(whole(wish, "adults", 2, 1, 100), ages(wish),
                         whole(wish, "rooms", 0, 1, 50));
    } catch (const std::invalid_argument&) {
      throw serai::invalid_field("/rooms", "Every room needs an adult.");
    }
  }
  std::vector<Room> all;
  for (const Json& room : given) {
    if (!room.is_object()) throw serai::invalid_field("/rooms", "A room is an object.");
    all.push_back({whole(room, "adults", 2, 1, 20), ages(room)});
  }
  if (all.empty() || all.size() > 50)
    throw serai::invalid_field("/rooms", "There must be from 1 to 50 rooms.");
  return all;
}

Day day(const Json& wish, const std::string& name) {
  const auto day = parse_day(member<std::string>(wish, name, "", "a date like 2026-12-31"));
  if (!day) throw serai::invalid_field("/" + name, "This must be a date like 2026-12-31.");
  return *day;
}

int nights(const Json& wish, Day check_in) {
  if (!wish.contains("check_out") || wish["check_out"].is_null())
    return whole(wish, "nights", 7, 1, 90);
  const auto between = (day(wish, "check_out") - check_in).count();
  if (between < 1 || between > 90)
    throw serai::invalid_field("/check_out", "This must be 1 to 90 days after check_in.");
  if (wish.contains("nights") && wish["nights"] != between)
    throw serai::invalid_field("/nights", "This contradicts check_in and check_out.");
  return static_cast<int>(between);
}

Wish read(const serai::Call& call, const Json& request) {
  if (!request.is_object()) throw serai::invalid_field("", "The document must be an object.");
  Wish wish;
  wish.destination = member<std::string>(request, "destination", "", "text");
  wish.hotels = member(request, "hotels", wish.hotels, "a list of names");
  wish.meal_plan = member<std::string>(request, "meal_plan", "", "text");
  wish.room_type = member<std::string>(request, "room_type", "", "text");
  wish.currency = member<std::string>(request, "currency", "", "text");
  if (wish.currency.empty()) wish.currency = own_currency(call);
  if (!is_currency(wish.currency))
    throw serai::invalid_field("/currency", "This must be three capital letters.");
  if (wish.destination.empty() && wish.hotels.empty())
    throw serai::invalid_field("/destination", "A destination or hotels are needed.");
  if (wish.hotels.size() > 20)
    throw serai::invalid_field("/hotels", "There may be 20 hotels at most.");
  wish.stay.check_in = day(request, "check_in");
  wish.stay.nights = nights(request, wish.stay.check_in);
  wish.stay.rooms = rooms(request);
  wish.stay.with_flights = member(request, "with_flights", false, "true or false");
  wish.stay.with_transfers = member(request, "with_transfers", false, "true or false");
  wish.most = static_cast<std::size_t>(whole(request, "max_options", 3, 1, 20));
  return wish;
}

std::string folded(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The destination and the other names the tenant has for it (setting destination_aliases).
std::vector<std::string> names_of(const serai::Call& call, const std::string& destination) {
  std::vector<std::string> names{destination};
  const Json aliases = call.config().get("destination_aliases");
  if (!aliases.is_object()) return names;
  for (const auto& [name, others] : aliases.items()) {
    std::vector<std::string> group{name};
    if (!others.is_array()) continue;
    for (const Json& other : others)
      if (other.is_string()) group.push_back(other.get<std::string>());
    const bool meant = std::any_of(group.begin(), group.end(), [&](const std::string& one) {
      return folded(one) == folded(destination);
    });
    if (meant) names.insert(names.end(), group.begin(), group.end());
  }
  return names;
}

// The conditions of a wish. A hotel is meant if, for every word of the wanted name, one of its own
// begins so.
class Query {
 public:
  explicit Query(const serai::Call& call) : call_(call) {}

  std::string bind(std::string text) {
    texts_.push_back(std::move(text));
    return "$" + std::to_string(texts_.size());
  }

  std::string hotel(const std::string& name) {
    std::string condition;
    for (std::size_t begin = 0; begin < name.size() && texts_.size() < 200;) {
      const std::size_t end = std::min(name.find(' ', begin), name.size());
      if (end > begin)
        condition += (condition.empty() ? "" : " AND ") +
                     std::string("strpos(' ' || hotel_key, ' ' || lower(") +
                     bind(name.substr(begin, end - begin)) + ")) > 0";
      begin = end + 1;
    }
    if (condition.empty()) throw serai::invalid_field("/hotels", "A hotel needs a name.");
    return "(" + condition + ")";
  }

  serai::Rows run(const std::string& statement, std::int64_t nights) {
    std::vector<serai::Value> values(texts_.begin(), texts_.end());
    values.emplace_back(nights);
    return call_.sql().query_values(statement, values, kMostRates);
  }
  std::string next() const { return "$" + std::to_string(texts_.size() + 1); }

 private:
  const serai::Call& call_;
  std::vector<std::string> texts_;
};

std::vector<Rate> rates_for(const serai::Call& call, const Wish& wish) {
  Query query(call);
  const Day last_night = wish.stay.check_in + std::chrono::days(wish.stay.nights - 1);
  std::string where = "is_active = TRUE AND check_in_date <= " + query.bind(day_text(last_night)) +
                      " AND check_out_date >= " + query.bind(day_text(wish.stay.check_in));
  std::string either;
  if (!wish.destination.empty()) {
    for (const std::string& name : names_of(call, wish.destination))
      either += (either.empty() ? "lower(" : ", lower(") + query.bind(name) + ")";
    where += " AND destination_key IN (" + either + ")";
  }
  either.clear();
  for (const std::string& hotel : wish.hotels)
    either += (either.empty() ? "" : " OR ") + query.hotel(hotel);
  if (!either.empty()) where += " AND (" + either + ")";
  if (!wish.meal_plan.empty())
    where += " AND meal_plan = upper(" + query.bind(wish.meal_plan) + ")";
  if (!wish.room_type.empty())
    where += " AND lower(room_type) = lower(" + query.bind(wish.room_type) + ")";
  where += " AND (nights = " + query.next() + " OR min_nights <= " + query.next() + ")";
  std::vector<Rate> rates;
  try {
    for (const auto& row :
         query.run("SELECT " + std::string(kRateColumns) + " FROM pricing_rates WHERE " + where,
                   wish.stay.nights))
      rates.push_back(rate_of(row));
  } catch (const serai::Problem& problem) {
    if (problem.status != 413) throw;
    throw serai::Problem(422, "too_many_rates",
                         "More than 10,000 rates fit; name hotels, a room type or a board.");
  }
  return rates;
}

Policy policy_of(const serai::Call& call) {
  Policy policy;
  policy.infants_below = static_cast<int>(call.config().integer("infants_below"));
  policy.children_up_to = static_cast<int>(call.config().integer("children_up_to"));
  const auto text = number_text(call.config().get("infant_price"));
  const auto hundredths = text ? parse_decimal(*text, 2) : std::nullopt;
  if (!hundredths || *hundredths > kLargestPrice)
    throw serai::Problem(503, "setting_invalid",
                         "The setting `infant_price` is not an amount with two decimal places.");
  policy.infant_hundredths = *hundredths;
  return policy;
}

Json json_of(const Line& line) {
  return {{"rule", line.rule},          {"rate_id", line.rate_id}, {"quantity", line.quantity},
          {"unit_minor", line.unit},    {"nights", line.nights},   {"per_nights", line.per_nights},
          {"amount_minor", line.amount}};
}

Json json_of(const Exchange& exchange) {
  return {{"from", exchange.from},
          {"to", exchange.to},
          {"rate", decimal_json(exchange.rate_e10, 10)},
          {"date", exchange.as_of},
          {"source", exchange.source},
          {"margin_pct", decimal_json(exchange.margin_basis_points, 2)},
          {"stale", exchange.stale}};
}

Json json_of(const Option& option, const Stay& stay) {
  Json lines = Json::array();
  for (const Line& line : option.lines) lines.push_back(json_of(line));
  return {{"hotel_name", option.rate.hotel_name},
          {"star_rating", option.rate.hotel_rating ? Json(*option.rate.hotel_rating) : Json()},
          {"destination", option.rate.destination},
          {"room_type", option.rate.room_type},
          {"meal_plan", option.rate.meal_plan},
          {"nights", stay.nights},
          {"total", decimal_json(option.total, option.digits)},
          {"total_minor", option.total},
          {"currency", option.currency},
          {"missing", option.missing},
          {"exchange", option.exchange ? json_of(*option.exchange) : Json()},
          {"lines", std::move(lines)}};
}

void convert_all(const serai::Call& call, std::vector<Option>& options, const std::string& to) {
  const bool needed = std::any_of(options.begin(), options.end(),
                                  [&](const Option& option) { return option.currency != to; });
  if (!needed) return;
  const auto exchanges = exchanges_into(call, to);
  for (Option& option : options) {
    const auto found = exchanges.find(option.currency);
    if (option.currency != to && found != exchanges.end()) convert(option, found->second);
  }
}

}  // namespace

Json price_stay(const serai::Call& call, const Json& request) {
  const Wish wish = read(call, request);
  try {
    auto options = price(rates_for(call, wish), wish.stay, policy_of(call));
    convert_all(call, options, wish.currency);
    Json answers = Json::array();
    const auto chosen = choose(std::move(options), wish.currency, wish.most);
    for (const Option& option : chosen) answers.push_back(json_of(option, wish.stay));
    const Day check_out = wish.stay.check_in + std::chrono::days(wish.stay.nights);
    return {{"check_in", day_text(wish.stay.check_in)},
            {"check_out", day_text(check_out)},
            {"nights", wish.stay.nights},
            {"currency", wish.currency},
            {"options", std::move(answers)}};
  } catch (const std::overflow_error&) {
    throw serai::Problem(422, "amount_too_large", "The price is too large to be told.");
  }
}

}  // namespace pricing
