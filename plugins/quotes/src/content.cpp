// See the header.
#include "content.hpp"

#include <algorithm>
#include <array>

#include <serai/problem.hpp>

#include "money.hpp"
#include "text.hpp"

namespace quotes {
namespace {

using serai::Json;

constexpr std::size_t kMostItems = 100;
constexpr std::size_t kMostRaw = 16 * 1024;  // bytes of an item's raw_data

std::string item_text(const Json& item, const char* name, const std::string& pointer,
                      std::size_t most) {
  const auto found = item.find(name);
  if (found == item.end() || found->is_null()) return {};
  if (!found->is_string()) throw serai::invalid_field(pointer + "/" + name, "This must be a text.");
  std::string text = tidy(found->get_ref<const std::string&>(), true);
  if (text.size() > most)
    throw serai::invalid_field(pointer + "/" + name,
                               "This must have at most " + std::to_string(most) + " bytes.");
  return text;
}

std::int64_t item_number(const Json& item, const char* name, const std::string& pointer,
                         std::int64_t fallback, std::int64_t least) {
  const auto found = item.find(name);
  if (found == item.end() || found->is_null()) return fallback;
  if (found->is_number_integer() && *found >= least && *found <= 10'000)
    return found->get<std::int64_t>();
  throw serai::invalid_field(pointer + "/" + name, "This must be a whole number from " +
                                                       std::to_string(least) + " to 10000.");
}

Json day_or_null(const Json& item, const char* name, const std::string& pointer) {
  const auto text = item_text(item, name, pointer, 40);
  if (text.empty()) return nullptr;
  if (!parse_day(text))
    throw serai::invalid_field(pointer + "/" + name, "This must be a date like 2026-12-31.");
  return text;
}

Json read_item(const Json& item, const std::string& pointer, const std::string& own_currency,
               const std::string& user) {
  if (!item.is_object()) throw serai::invalid_field(pointer, "An item is an object.");
  static constexpr std::array<std::string_view, 5> kTypes{"hotel", "activity", "flight", "transfer",
                                                          "package"};
  const auto type = item_text(item, "type", pointer, 20);
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end())
    throw serai::invalid_field(pointer + "/type",
                               "This must be hotel, activity, flight, transfer or package.");
  const auto name = item_text(item, "name", pointer, 300);
  if (name.empty()) throw serai::invalid_field(pointer + "/name", "This field is required.");
  auto currency = item_text(item, "currency", pointer, 3);
  if (currency.empty()) currency = own_currency;
  if (!is_currency(currency))
    throw serai::invalid_field(pointer + "/currency", "This must be three capital letters.");
  const auto unit = minor_units(item.value("price", Json()), currency);
  if (!unit)
    throw serai::invalid_field(pointer + "/price",
                               "This must be an amount with the decimal places of its currency.");
  const auto quantity = item_number(item, "quantity", pointer, 1, 1);
  if (*unit > kLargestAmount / quantity)
    throw serai::invalid_field(pointer + "/price", "The amount is too large.");
  const Json raw = item.value("raw_data", Json());
  if (serai::dump_json(raw).size() > kMostRaw)
    throw serai::invalid_field(pointer + "/raw_data", "This must have at most 16 KiB.");
  return {{"type", type},
          {"name", name},
          {"description", item_text(item, "description", pointer, 4000)},
          {"currency", currency},
          {"quantity", quantity},
          {"unit_minor", *unit},
          {"amount_minor", *unit * quantity},
          {"rule", "entered"},
          {"entered_by", user},
          {"nights", item_number(item, "nights", pointer, 0, 0)},
          {"check_in", day_or_null(item, "check_in", pointer)},
          {"check_out", day_or_null(item, "check_out", pointer)},
          {"raw_data", raw}};
}

// What the lines say where it comes from.
std::int64_t traced_sum(const Json& option) {
  std::int64_t sum = 0;
  for (const Json& line : option.at("lines")) sum += line.at("amount_minor").get<std::int64_t>();
  return sum;
}

// The sum of the items that go with alternatives of that currency.
std::int64_t items_in(const Content& content, const std::string& currency) {
  std::int64_t sum = 0;
  for (const auto& [code, amount] : totals_of_items(content.items)) {
    if (code != currency)
      throw serai::Problem(
          422, "mixed_currencies",
          "An item in " + code + " cannot be added to a stay in " + currency + ".");
    sum += amount;
  }
  return sum;
}

}  // namespace

Json to_json(const Content& content) {
  return {{"inquiry", to_json(content.inquiry)},
          {"options", content.options},
          {"items", content.items},
          {"unpriced", content.unpriced}};
}

Content content_of(const Json& kept) {
  return {inquiry_of(kept.at("inquiry")), kept.at("options"), kept.at("items"),
          kept.at("unpriced").get<std::string>()};
}

Json read_items(const Json& given, const std::string& currency, const std::string& user) {
  if (!given.is_array() || given.size() > kMostItems)
    throw serai::invalid_field("/line_items", "These must be at most 100 items.");
  Json items = Json::array();
  for (std::size_t i = 0; i < given.size(); ++i)
    items.push_back(read_item(given[i], "/line_items/" + std::to_string(i), currency, user));
  return items;
}

std::map<std::string, std::int64_t> totals_of_items(const Json& items) {
  std::map<std::string, std::int64_t> totals;
  for (const Json& item : items) {
    std::int64_t& total = totals[item.at("currency").get<std::string>()];
    total += item.at("amount_minor").get<std::int64_t>();
    if (total > kLargestAmount)
      throw serai::Problem(422, "amount_too_large", "The total is too large to be told.");
  }
  return totals;
}

std::vector<Offered> offered(const Content& content) {
  std::vector<Offered> all;
  for (const Json& option : content.options) {
    const auto currency = option.at("currency").get<std::string>();
    const auto total = option.at("total_minor").get<std::int64_t>() + items_in(content, currency);
    if (total > kLargestAmount)
      throw serai::Problem(422, "amount_too_large", "The total is too large to be told.");
    all.push_back({total, currency, option.value("missing", Json::array()).empty()});
  }
  return all;
}

std::optional<QuoteTotal> total_of(const Content& content, std::optional<std::int64_t> chosen,
                                   const std::string& currency) {
  if (!content.options.empty()) {
    auto total =
        total_of(offered(content), chosen ? std::optional<std::size_t>(*chosen) : std::nullopt);
    // One alternative is none.
    if (total && content.options.size() == 1) total->is_from = false;
    return total;
  }
  if (content.items.empty()) return std::nullopt;
  const auto totals = totals_of_items(content.items);
  const auto own = totals.find(currency);
  const auto code =
      own != totals.end() ? currency : content.items[0].at("currency").get<std::string>();
  return QuoteTotal{totals.at(code), code, false};
}

std::string unfit(const Content& content) {
  if (content.options.empty() && content.items.empty())
    return content.unpriced.empty() ? "The quote has no price." : content.unpriced;
  if (content.inquiry.email.empty()) return "The customer has no e-mail address.";
  for (const Json& option : content.options) {
    if (option.at("lines").empty() ||
        traced_sum(option) != option.at("total_minor").get<std::int64_t>())
      return "An amount of " + option.at("hotel_name").get<std::string>() +
             " cannot be traced to its rate.";
  }
  return {};
}

Json hotels_json(const Content& content) {
  Json hotels = Json::array();
  for (const Json& option : content.options) {
    const auto currency = option.at("currency").get<std::string>();
    Json lines = option.at("lines");
    for (Json& line : lines)
      line["amount"] = amount_json(line.at("amount_minor").get<std::int64_t>(), currency);
    hotels.push_back(
        {{"name", option.at("hotel_name")},
         {"type", "hotel"},
         {"destination", option.value("destination", Json())},
         {"room_type", option.value("room_type", Json())},
         {"meal_plan", option.value("meal_plan", Json())},
         {"star_rating", option.value("star_rating", Json())},
         {"nights", option.value("nights", Json())},
         {"total_price", amount_json(option.at("total_minor").get<std::int64_t>(), currency)},
         {"total_minor", option.at("total_minor")},
         {"currency", currency},
         {"missing", option.value("missing", Json::array())},
         {"exchange", option.value("exchange", Json())},
         {"image_url", nullptr},
         {"images", Json::array()},
         {"description", nullptr},
         {"lines", std::move(lines)}});
  }
  return hotels;
}

Json items_json(const Content& content) {
  Json items = content.items;
  for (Json& item : items) {
    const auto currency = item.at("currency").get<std::string>();
    item["price"] = amount_json(item.at("unit_minor").get<std::int64_t>(), currency);
    item["amount"] = amount_json(item.at("amount_minor").get<std::int64_t>(), currency);
  }
  return items;
}

Json totals_json(const Content& content) {
  Json totals = Json::object();
  for (const auto& [currency, amount] : totals_of_items(content.items))
    totals[currency] = amount_json(amount, currency);
  return totals;
}

}  // namespace quotes
