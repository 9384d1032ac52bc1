// See the header.
#include "catalogue.hpp"

#include "money.hpp"
#include "rate.hpp"
#include "rate_store.hpp"

namespace pricing {
namespace {

serai::Json amount(const serai::Row& row, const char* column, int digits) {
  const auto value = row.optional_integer(column);
  return value ? decimal_json(*value, digits) : serai::Json(nullptr);
}

}  // namespace

serai::Json hotels(serai::Request& request) {
  const std::string_view destination = request.query("destination");
  const std::string where =
      " WHERE is_active = $1" +
      std::string(destination.empty() ? "" : " AND destination_key = lower($4)");
  std::vector<serai::Value> values{request.query_boolean("is_active", true),
                                   request.query_integer("limit", 500),
                                   request.query_integer("offset", 0)};
  if (!destination.empty()) values.emplace_back(destination);
  const auto rows = request.sql().query_values(
      "SELECT min(hotel_name) AS hotel_name, min(destination) AS destination, max(hotel_rating) AS "
      "star_rating, count(*) AS rate_count FROM pricing_rates" +
          where +
          " GROUP BY destination_key, hotel_key ORDER BY destination_key, hotel_key LIMIT $2 "
          "OFFSET $3",
      values);
  serai::Json items = serai::Json::array();
  for (const auto& row : rows) {
    items.push_back({{"hotel_name", row.text("hotel_name")},
                     {"destination", row.text("destination")},
                     {"star_rating", nullptr},
                     {"rate_count", row.integer("rate_count")},
                     {"is_active", request.query_boolean("is_active", true)}});
    if (const auto stars = row.optional_real("star_rating")) items.back()["star_rating"] = *stars;
  }
  return serai::list(std::move(items));
}

serai::Json hotel_rates(serai::Request& request) {
  const auto rows = request.sql().query(
      "SELECT " + std::string(kRateColumns) +
          " FROM pricing_rates WHERE hotel_key = lower($1) AND is_active = $2 ORDER BY "
          "destination_key, check_in_date, room_type, meal_plan, rate_id LIMIT $3 OFFSET $4",
      request.path("hotel_name"), request.query_boolean("is_active", true),
      request.query_integer("limit", 100), request.query_integer("offset", 0));
  if (rows.empty()) {
    const auto known = request.sql().query(
        "SELECT 1 AS known FROM pricing_rates WHERE hotel_key = lower($1) LIMIT 1",
        request.path("hotel_name"));
    if (known.empty()) throw serai::not_found("The hotel");
  }
  serai::Json items = serai::Json::array();
  for (const auto& row : rows) items.push_back(to_json(rate_of(row)));
  return serai::list(std::move(items));
}

namespace {

serai::Json count_destinations(const serai::Request& request, const std::string& currency) {
  const int digits = minor_digits(currency);
  const auto rows = request.sql().query(
      "SELECT min(destination) AS destination, count(DISTINCT hotel_key) AS hotel_count, count(*) "
      "AS rate_count, min(CASE WHEN currency = $1 THEN total_7nights_pps END) AS min_price, "
      "max(CASE WHEN currency = $1 THEN total_7nights_pps END) AS max_price FROM pricing_rates "
      "WHERE is_active = TRUE GROUP BY destination_key ORDER BY destination_key LIMIT $2 OFFSET $3",
      currency, request.query_integer("limit", 500), request.query_integer("offset", 0));
  serai::Json items = serai::Json::array();
  for (const auto& row : rows) {
    items.push_back({{"destination", row.text("destination")},
                     {"hotel_count", row.integer("hotel_count")},
                     {"rate_count", row.integer("rate_count")},
                     {"min_price", amount(row, "min_price", digits)},
                     {"max_price", amount(row, "max_price", digits)},
                     {"currency", currency}});
  }
  return serai::list(std::move(items));
}

serai::Json count_all(const serai::Request& request, const std::string& currency) {
  const int digits = minor_digits(currency);
  const auto sums = request.sql().query(
      "SELECT count(*) AS total_rates, count(CASE WHEN is_active = TRUE THEN 1 END) AS "
      "active_rates, count(DISTINCT CASE WHEN is_active = TRUE THEN hotel_key END) AS hotels, "
      "count(DISTINCT CASE WHEN is_active = TRUE THEN destination_key END) AS destinations, "
      "min(CASE WHEN is_active = TRUE AND currency = $1 THEN total_7nights_pps END) AS min_price, "
      "max(CASE WHEN is_active = TRUE AND currency = $1 THEN total_7nights_pps END) AS max_price, "
      "min(CASE WHEN is_active = TRUE THEN check_in_date END) AS first_day, "
      "max(CASE WHEN is_active = TRUE THEN check_out_date END) AS last_day, max(updated_at) AS "
      "updated_at FROM pricing_rates",
      currency);
  const auto plans = request.sql().query(
      "SELECT meal_plan, count(*) AS n FROM pricing_rates WHERE is_active = TRUE GROUP BY "
      "meal_plan "
      "ORDER BY meal_plan");
  const auto row = sums.front();
  serai::Json data = row.json();
  data["min_price"] = amount(row, "min_price", digits);
  data["max_price"] = amount(row, "max_price", digits);
  data["currency"] = currency;
  data["by_meal_plan"] = serai::Json::object();
  for (const auto& plan : plans)
    data["by_meal_plan"][std::string(plan.text("meal_plan"))] = plan.integer("n");
  return serai::data(std::move(data));
}

}  // namespace

serai::Json destinations(serai::Request& request) {
  const std::string currency = own_currency(request);
  const std::string page =
      std::string(request.query("limit")) + "," + std::string(request.query("offset"));
  return remembered(request, "destinations." + currency + "." + page,
                    [&] { return count_destinations(request, currency); });
}

serai::Json stats(serai::Request& request) {
  const std::string currency = own_currency(request);
  return remembered(request, "stats." + currency, [&] { return count_all(request, currency); });
}

}  // namespace pricing
