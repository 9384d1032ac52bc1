// A rate as it comes in and goes out: texts by field, from JSON or from a CSV record alike, made
// into a checked Rate, and back.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "price.hpp"

namespace pricing {

// In the order of the exported columns; a rate table must have the required ones.
struct Field {
  std::string_view name;
  bool required = false;
};
inline constexpr std::array<Field, 19> kFields{{{"hotel_name", true},
                                                {"hotel_rating"},
                                                {"destination", true},
                                                {"room_type", true},
                                                {"meal_plan", true},
                                                {"check_in_date", true},
                                                {"check_out_date", true},
                                                {"nights", true},
                                                {"min_nights"},
                                                {"child_max_age"},
                                                {"currency"},
                                                {"total_7nights_pps", true},
                                                {"total_7nights_single"},
                                                {"total_7nights_child"},
                                                {"flights_adult"},
                                                {"flights_child"},
                                                {"transfers_adult"},
                                                {"transfers_child"},
                                                {"is_active"}}};

// One text for each of kFields; empty: not given.
using RateTexts = std::array<std::string, kFields.size()>;

// Where a field stands in kFields.
std::optional<std::size_t> field_index(std::string_view name);

struct Fault {
  std::string_view field;
  std::string reason;  // "must be ...", without its subject
};

// Every fault is added to `faults`; the rate is to be used only if none was. Without a currency in
// the texts it is `currency`. The rate has no id.
Rate parse_rate(const RateTexts& texts, const std::string& currency, std::vector<Fault>& faults);

RateTexts to_texts(const Rate& rate);

// Lays the members of a JSON object over the texts; null empties a field. Problem 422 for a value
// that is neither text, number nor boolean.
void overlay(RateTexts& texts, const serai::Json& object);

// As the contract has it, amounts as exact decimal numbers.
serai::Json to_json(const Rate& rate);

}  // namespace pricing
