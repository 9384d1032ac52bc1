// See the header.
#include "offer.hpp"

#include "money.hpp"

namespace quotes {
namespace {

using serai::Json;

serai::Problem senseless() {
  return {502, "bad_upstream", "The plugin pricing answered what cannot be read."};
}

const Json& member(const Json& object, const char* name) {
  static const Json none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

Json text_or_null(const Json& value) { return value.is_string() ? value : Json(); }

Json whole(const Json& value) { return value.is_number_integer() ? value : Json(0); }

bool is_amount(const Json& value) {
  return value.is_number_integer() && value >= 0 && value <= kLargestAmount;
}

Json lines_in(const Json& given) {
  Json lines = Json::array();
  for (const Json& line : given) {
    const bool traced = line.is_object() && member(line, "rule").is_string() &&
                        member(line, "rate_id").is_string() &&
                        !member(line, "rate_id").get_ref<const std::string&>().empty() &&
                        is_amount(member(line, "quantity")) && member(line, "quantity") > 0 &&
                        is_amount(member(line, "amount_minor"));
    if (!traced) continue;
    lines.push_back({{"rule", line["rule"]},
                     {"rate_id", line["rate_id"]},
                     {"quantity", line["quantity"]},
                     {"unit_minor", whole(member(line, "unit_minor"))},
                     {"nights", whole(member(line, "nights"))},
                     {"per_nights", whole(member(line, "per_nights"))},
                     {"amount_minor", line["amount_minor"]}});
  }
  return lines;
}

Json option_in(const Json& option) {
  const bool sensible = option.is_object() && member(option, "hotel_name").is_string() &&
                        is_amount(member(option, "total_minor")) &&
                        member(option, "currency").is_string() &&
                        is_currency(option["currency"].get_ref<const std::string&>()) &&
                        member(option, "lines").is_array();
  if (!sensible) throw senseless();
  Json missing = Json::array();
  if (member(option, "missing").is_array())
    for (const Json& one : option["missing"])
      if (one.is_string()) missing.push_back(one);
  const Json& stars = member(option, "star_rating");
  const Json& nights = member(option, "nights");
  const Json& exchange = member(option, "exchange");
  return {{"hotel_name", option["hotel_name"]},
          {"star_rating", stars.is_number() ? stars : Json()},
          {"destination", text_or_null(member(option, "destination"))},
          {"room_type", text_or_null(member(option, "room_type"))},
          {"meal_plan", text_or_null(member(option, "meal_plan"))},
          {"nights", nights.is_number_integer() ? nights : Json()},
          {"total_minor", option["total_minor"]},
          {"currency", option["currency"]},
          {"missing", std::move(missing)},
          {"exchange", exchange.is_object() ? exchange : Json()},
          {"lines", lines_in(option["lines"])}};
}

}  // namespace

Json options_in(const Json& answer) {
  if (!answer.is_object() || !member(answer, "options").is_array()) throw senseless();
  Json options = Json::array();
  for (const Json& option : answer["options"]) options.push_back(option_in(option));
  if (options.size() > 20) throw senseless();
  return options;
}

}  // namespace quotes
