// See the header.
#include "rate.hpp"

#include <algorithm>

#include "csv.hpp"
#include "date.hpp"
#include "money.hpp"

namespace pricing {
namespace {

constexpr std::size_t kLongestText = 200;
constexpr std::string_view kMealPlans[] = {"RO", "SC", "BB", "HB", "FB", "AI"};

// Text that both databases keep: UTF-8 without control characters.
bool is_clean(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return false;
  try {
    (void)serai::Json(text).dump();  // strict about UTF-8
    return true;
  } catch (const serai::Json::exception&) {
    return false;
  }
}

// What was read, short enough to be shown.
std::string shown(const std::string& text) {
  if (!is_clean(text)) return "what cannot be read as UTF-8";
  if (text.size() <= 40) return "\"" + text + "\"";
  std::size_t end = 40;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "\"" + text.substr(0, end) + "…\"";
}

class Parser {
 public:
  Parser(const RateTexts& texts, std::vector<Fault>& faults) : texts_(texts), faults_(faults) {}

  std::string name(std::string_view field) {
    const std::string& text = of(field);
    if (text.empty()) return fault(field, "is required"), "";
    if (text.size() > kLongestText) return fault(field, "is longer than 200 bytes"), "";
    if (!is_clean(text)) return fault(field, "is not clean UTF-8 text; save the file as UTF-8"), "";
    return text;
  }

  std::string meal_plan() {
    std::string code = upper(of("meal_plan"));
    if (code.empty()) return fault("meal_plan", "is required"), "";
    if (std::find(std::begin(kMealPlans), std::end(kMealPlans), code) == std::end(kMealPlans))
      fault("meal_plan", "must be RO, SC, BB, HB, FB or AI, not " + shown(of("meal_plan")));
    return code;
  }

  Day day(std::string_view field) {
    const std::string& text = of(field);
    if (text.empty()) return fault(field, "is required"), Day{};
    const auto day = parse_day(text);
    if (!day) fault(field, "must be a date like 2026-12-31, not " + shown(text));
    return day.value_or(Day{});
  }

  std::optional<int> whole(std::string_view field, int least, int most) {
    const std::string& text = of(field);
    if (text.empty()) return std::nullopt;
    const auto value = parse_decimal(text, 0);
    if (value && *value >= least && *value <= most) return static_cast<int>(*value);
    fault(field, "must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most) + ", not " + shown(text));
    return least;
  }

  std::optional<double> rating() {
    const std::string& text = of("hotel_rating");
    if (text.empty()) return std::nullopt;
    const auto tenths = parse_decimal(text, 1);
    if (!tenths || *tenths > 70) fault("hotel_rating", "must be from 0 to 7, not " + shown(text));
    return static_cast<double>(tenths.value_or(0)) / 10;
  }

  std::string currency(const std::string& fallback) {
    std::string code = upper(of("currency"));
    if (code.empty()) return fallback;
    if (!is_currency(code))
      fault("currency", "must be three letters like EUR, not " + shown(of("currency")));
    return code;
  }

  std::optional<Minor> amount(std::string_view field, int digits) {
    const std::string& text = of(field);
    if (text.empty()) return std::nullopt;
    const auto value = parse_decimal(text, digits);
    if (value && *value <= kLargestPrice) return value;
    fault(field, "must be an amount like 1234.50 with at most " + std::to_string(digits) +
                     " decimal places, not " + shown(text));
    return 1;
  }

  bool flag(std::string_view field, bool fallback) {
    const std::string text = upper(of(field));
    if (text.empty()) return fallback;
    for (const std::string_view yes : {"TRUE", "1", "YES"})
      if (text == yes) return true;
    for (const std::string_view no : {"FALSE", "0", "NO"})
      if (text == no) return false;
    fault(field, "must be true or false, not " + shown(of(field)));
    return fallback;
  }

  void fault(std::string_view field, std::string reason) {
    faults_.push_back({field, std::move(reason)});
  }

 private:
  const std::string& of(std::string_view field) const { return texts_[*field_index(field)]; }
  static std::string upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  const RateTexts& texts_;
  std::vector<Fault>& faults_;
};

std::string optional_text(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "";
}
std::string optional_amount(const std::optional<Minor>& value, int digits) {
  return value ? decimal_text(*value, digits) : "";
}
template <class T>
serai::Json optional_json(const std::optional<T>& value) {
  return value ? serai::Json(*value) : serai::Json(nullptr);
}
serai::Json amount_json(const std::optional<Minor>& value, int digits) {
  return value ? decimal_json(*value, digits) : serai::Json(nullptr);
}

}  // namespace

std::optional<std::size_t> field_index(std::string_view name) {
  for (std::size_t i = 0; i < kFields.size(); ++i)
    if (kFields[i].name == name) return i;
  return std::nullopt;
}

Rate parse_rate(const RateTexts& texts, const std::string& currency, std::vector<Fault>& faults) {
  Parser parser(texts, faults);
  Rate rate;
  rate.hotel_name = parser.name("hotel_name");
  rate.hotel_rating = parser.rating();
  rate.destination = parser.name("destination");
  rate.room_type = parser.name("room_type");
  rate.meal_plan = parser.meal_plan();
  rate.check_in = parser.day("check_in_date");
  rate.check_out = parser.day("check_out_date");
  if (rate.check_in != Day{} && rate.check_out != Day{} && rate.check_out < rate.check_in)
    parser.fault("check_out_date", "must not be before check_in_date");
  const auto nights = parser.whole("nights", 1, 30);
  if (!nights) parser.fault("nights", "is required");
  rate.nights = nights.value_or(1);
  rate.min_nights = parser.whole("min_nights", 1, 30);
  rate.child_max_age = parser.whole("child_max_age", 0, 17);
  rate.currency = parser.currency(currency);
  rate.digits = minor_digits(rate.currency);
  const auto sharing = parser.amount("total_7nights_pps", rate.digits);
  // At a price of nothing a quote would be given away.
  if (!sharing || *sharing == 0) parser.fault("total_7nights_pps", "must be more than 0");
  rate.sharing = sharing.value_or(1);
  rate.single = parser.amount("total_7nights_single", rate.digits);
  if (rate.single && *rate.single == 0)
    parser.fault("total_7nights_single", "must be more than 0, or left out");
  rate.child = parser.amount("total_7nights_child", rate.digits);
  rate.flights_adult = parser.amount("flights_adult", rate.digits);
  rate.flights_child = parser.amount("flights_child", rate.digits);
  rate.transfers_adult = parser.amount("transfers_adult", rate.digits);
  rate.transfers_child = parser.amount("transfers_child", rate.digits);
  rate.is_active = parser.flag("is_active", true);
  return rate;
}

RateTexts to_texts(const Rate& rate) {
  const int digits = rate.digits;
  const auto rating = rate.hotel_rating ? serai::Json(*rate.hotel_rating).dump() : std::string();
  return {rate.hotel_name,
          rating,
          rate.destination,
          rate.room_type,
          rate.meal_plan,
          day_text(rate.check_in),
          day_text(rate.check_out),
          std::to_string(rate.nights),
          optional_text(rate.min_nights),
          optional_text(rate.child_max_age),
          rate.currency,
          decimal_text(rate.sharing, digits),
          optional_amount(rate.single, digits),
          optional_amount(rate.child, digits),
          optional_amount(rate.flights_adult, digits),
          optional_amount(rate.flights_child, digits),
          optional_amount(rate.transfers_adult, digits),
          optional_amount(rate.transfers_child, digits),
          rate.is_active ? "true" : "false"};
}

void overlay(RateTexts& texts, const serai::Json& object) {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto found = object.find(kFields[i].name);
    if (found == object.end()) continue;
    if (found->is_null()) {
      texts[i].clear();
    } else if (found->is_string()) {
      texts[i] = plain_cell(found->get_ref<const std::string&>());
    } else if (found->is_boolean()) {
      texts[i] = found->get<bool>() ? "true" : "false";
    } else if (const auto number = number_text(*found)) {
      texts[i] = *number;
    } else {
      throw serai::invalid_field("/" + std::string(kFields[i].name), "This must be one value.");
    }
  }
}

serai::Json to_json(const Rate& rate) {
  const int digits = rate.digits;
  return {{"rate_id", rate.rate_id},
          {"hotel_name", rate.hotel_name},
          {"hotel_rating", optional_json(rate.hotel_rating)},
          {"destination", rate.destination},
          {"room_type", rate.room_type},
          {"meal_plan", rate.meal_plan},
          {"check_in_date", day_text(rate.check_in)},
          {"check_out_date", day_text(rate.check_out)},
          {"nights", rate.nights},
          {"min_nights", optional_json(rate.min_nights)},
          {"child_max_age", optional_json(rate.child_max_age)},
          {"currency", rate.currency},
          {"total_7nights_pps", decimal_json(rate.sharing, digits)},
          {"total_7nights_single", amount_json(rate.single, digits)},
          {"total_7nights_child", amount_json(rate.child, digits)},
          {"flights_adult", amount_json(rate.flights_adult, digits)},
          {"flights_child", amount_json(rate.flights_child, digits)},
          {"transfers_adult", amount_json(rate.transfers_adult, digits)},
          {"transfers_child", amount_json(rate.transfers_child, digits)},
          {"is_active", rate.is_active}};
}

}  // namespace pricing
