// See the header.
#include "rate_store.hpp"

#include <charconv>
#include <cstdio>

#include <serai/total.hpp>

#include "date.hpp"
#include "money.hpp"

namespace pricing {
namespace {

constexpr std::string_view kVersion = "rates.version";

// All but created_at, which an update leaves alone; in the order of values_of().
constexpr std::string_view kInsert =
    "INSERT INTO pricing_rates (rate_id, hotel_name, hotel_key, hotel_rating, destination, "
    "destination_key, room_type, meal_plan, check_in_date, check_out_date, nights, min_nights, "
    "child_max_age, currency, total_7nights_pps, total_7nights_single, total_7nights_child, "
    "flights_adult, flights_child, transfers_adult, transfers_child, is_active, created_at, "
    "updated_at) VALUES ($1, $2, lower($2), $3, $4, lower($4), $5, $6, $7, $8, $9, $10, $11, $12, "
    "$13, $14, $15, $16, $17, $18, $19, $20, $21, $21)";

constexpr std::string_view kOrUpdate =
    " ON CONFLICT (hotel_key, destination_key, room_type, meal_plan, check_in_date, "
    "check_out_date, nights, currency) DO UPDATE SET hotel_name = excluded.hotel_name, "
    "hotel_rating = excluded.hotel_rating, destination = excluded.destination, "
    "min_nights = excluded.min_nights, child_max_age = excluded.child_max_age, "
    "total_7nights_pps = excluded.total_7nights_pps, "
    "total_7nights_single = excluded.total_7nights_single, "
    "total_7nights_child = excluded.total_7nights_child, flights_adult = excluded.flights_adult, "
    "flights_child = excluded.flights_child, transfers_adult = excluded.transfers_adult, "
    "transfers_child = excluded.transfers_child, is_active = excluded.is_active, "
    "updated_at = excluded.updated_at";

constexpr std::string_view kUpdate =
    "UPDATE pricing_rates SET hotel_name = $2, hotel_key = lower($2), hotel_rating = $3, "
    "destination = $4, destination_key = lower($4), room_type = $5, meal_plan = $6, "
    "check_in_date = $7, check_out_date = $8, nights = $9, min_nights = $10, child_max_age = $11, "
    "currency = $12, total_7nights_pps = $13, total_7nights_single = $14, "
    "total_7nights_child = $15, flights_adult = $16, flights_child = $17, transfers_adult = $18, "
    "transfers_child = $19, is_active = $20, updated_at = $21 WHERE rate_id = $1";

serai::Batch batch_of(const std::vector<Rate>& rates, const std::string& now) {
  serai::Batch batch;
  for (const Rate& r : rates) {
    batch.add(r.rate_id, r.hotel_name, r.hotel_rating, r.destination, r.room_type, r.meal_plan,
              day_text(r.check_in), day_text(r.check_out), r.nights, r.min_nights, r.child_max_age,
              r.currency, r.sharing, r.single, r.child, r.flights_adult, r.flights_child,
              r.transfers_adult, r.transfers_child, r.is_active, now);
  }
  return batch;
}

[[noreturn]] void rate_exists(const serai::Call& call, const Rate& rate) {
  const auto rows = call.sql().query(
      "SELECT rate_id FROM pricing_rates WHERE hotel_key = lower($1) AND destination_key = "
      "lower($2) AND room_type = $3 AND meal_plan = $4 AND check_in_date = $5 AND check_out_date = "
      "$6 AND nights = $7 AND currency = $8",
      rate.hotel_name, rate.destination, rate.room_type, rate.meal_plan, day_text(rate.check_in),
      day_text(rate.check_out), rate.nights, rate.currency);
  const std::string other = rows.empty() ? "another rate" : std::string(rows.front().text(0));
  throw serai::conflict(
      "rate_exists", "The same hotel, room type, board, season and nights are already in " + other +
                         "; change that one.");
}

// In a transaction of its own, because after a failed statement nothing else can be asked in it.
void write_one(const serai::Call& call, std::string_view statement, const Rate& rate,
               std::string_view change) {
  const bool foreign = rate.currency != own_currency(call);
  try {
    auto transaction = call.sql().transaction();
    call.sql().execute_many(statement, batch_of({rate}, call.clock().now_text()));
    announce(call, change, 1, foreign);
    transaction.commit();
  } catch (const serai::Problem& problem) {
    if (problem.status == 409) rate_exists(call, rate);
    throw;
  }
  rates_changed(call);
}

std::optional<int> small(const serai::Row& row, const char* column) {
  const auto value = row.optional_integer(column);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

// Filters as conditions; the values are bound in their order.
std::string conditions(const RateFilter& filter, std::vector<serai::Value>& values) {
  values.emplace_back(filter.is_active);
  std::string text = " WHERE is_active = $1";
  const auto add = [&](std::string_view value, std::string_view before, std::string_view after) {
    if (value.empty()) return;
    values.emplace_back(value);
    text.append(" AND ").append(before).append("$" + std::to_string(values.size())).append(after);
  };
  add(filter.destination, "destination_key = lower(", ")");
  add(filter.hotel_name, "hotel_key = lower(", ")");
  add(filter.meal_plan, "meal_plan = upper(", ")");
  add(filter.check_in_after, "check_in_date >= ", "");
  add(filter.check_in_before, "check_in_date <= ", "");
  return text;
}

// A bijection of 32 bits, so that ids of one import do not look like a sequence.
std::uint32_t scramble(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bU;
  x = (x ^ (x >> 13)) * 0xc2b2ae35U;
  return x ^ (x >> 16);
}

}  // namespace

const std::string_view kRateColumns =
    "rate_id, hotel_name, hotel_rating, destination, room_type, meal_plan, check_in_date, "
    "check_out_date, nights, min_nights, child_max_age, currency, total_7nights_pps, "
    "total_7nights_single, total_7nights_child, flights_adult, flights_child, transfers_adult, "
    "transfers_child, is_active";

std::string own_currency(const serai::Call& call) {
  std::string currency = call.config().text("currency");
  if (!is_currency(currency))
    throw serai::Problem(503, "setting_invalid",
                         "The setting `currency` is not three capital letters like EUR.");
  return currency;
}

Statement list_statement(const RateFilter& filter, std::int64_t limit, std::int64_t offset) {
  Statement statement;
  const std::string where = conditions(filter, statement.values);
  const auto number = [&](std::int64_t value) {
    statement.values.emplace_back(value);
    return "$" + std::to_string(statement.values.size());
  };
  statement.sql = "SELECT " + std::string(kRateColumns) + " FROM pricing_rates" + where +
                  " ORDER BY destination_key, hotel_key, check_in_date, rate_id LIMIT " +
                  number(limit) + " OFFSET " + number(offset);
  return statement;
}

Statement count_statement(const RateFilter& filter) {
  Statement statement;
  statement.sql = "SELECT count(*) AS n FROM pricing_rates" + conditions(filter, statement.values);
  return statement;
}

Statement walk_statement(std::string_view destination, std::string_view after_id,
                         std::int64_t limit) {
  Statement statement{
      "SELECT " + std::string(kRateColumns) + " FROM pricing_rates WHERE rate_id > $1",
      {after_id, limit}};
  if (!destination.empty()) {
    statement.sql += " AND destination_key = lower($3)";
    statement.values.emplace_back(destination);
  }
  statement.sql += " ORDER BY rate_id LIMIT $2";
  return statement;
}

Rate rate_of(const serai::Row& row) {
  Rate rate;
  rate.rate_id = row.text("rate_id");
  rate.hotel_name = row.text("hotel_name");
  rate.hotel_rating = row.optional_real("hotel_rating");
  rate.destination = row.text("destination");
  rate.room_type = row.text("room_type");
  rate.meal_plan = row.text("meal_plan");
  rate.check_in = parse_day(row.text("check_in_date")).value_or(Day{});
  rate.check_out = parse_day(row.text("check_out_date")).value_or(Day{});
  rate.nights = static_cast<int>(row.integer("nights"));
  rate.min_nights = small(row, "min_nights");
  rate.child_max_age = small(row, "child_max_age");
  rate.currency = row.text("currency");
  rate.digits = minor_digits(rate.currency);
  rate.sharing = row.integer("total_7nights_pps");
  rate.single = row.optional_integer("total_7nights_single");
  rate.child = row.optional_integer("total_7nights_child");
  rate.flights_adult = row.optional_integer("flights_adult");
  rate.flights_child = row.optional_integer("flights_child");
  rate.transfers_adult = row.optional_integer("transfers_adult");
  rate.transfers_child = row.optional_integer("transfers_child");
  rate.is_active = row.boolean("is_active");
  return rate;
}

Rate load_rate(const serai::Call& call, std::string_view rate_id) {
  const auto rows = call.sql().query(
      "SELECT " + std::string(kRateColumns) + " FROM pricing_rates WHERE rate_id = $1", rate_id);
  return rate_of(rows.required("The rate"));
}

std::uint32_t reserve_ids(const serai::Call& call, std::int64_t count) {
  std::uint32_t seed = 0;  // from the random end of an id, so that tenants' ids differ
  const std::string random = call.clock().uuid().substr(28);
  std::from_chars(random.data(), random.data() + random.size(), seed, 16);
  const auto rows = call.sql().query(
      "INSERT INTO pricing_numbers (name, seed, used) VALUES ('rate', $1, $2) ON CONFLICT (name) "
      "DO UPDATE SET used = pricing_numbers.used + excluded.used RETURNING seed, used",
      std::int64_t{seed}, count);
  const auto row = rows.front();
  return static_cast<std::uint32_t>(row.integer("seed") + row.integer("used") - count);
}

std::string rate_id_of(std::uint32_t number) {
  char text[16];
  (void)std::snprintf(text, sizeof(text), "RATE-%08X", static_cast<unsigned>(scramble(number)));
  return text;
}

void insert_rate(const serai::Call& call, const Rate& rate) {
  write_one(call, kInsert, rate, "created");
}

void update_rate(const serai::Call& call, const Rate& rate) {
  write_one(call, kUpdate, rate, "updated");
}

void upsert_rates(const serai::Call& call, const std::vector<Rate>& rates) {
  call.sql().execute_many(std::string(kInsert) + std::string(kOrUpdate),
                          batch_of(rates, call.clock().now_text()));
}

// A version that is never the same again stands in the key, so that whoever was counting meanwhile
// is not believed afterwards.
serai::Json remembered(const serai::Call& call, const std::string& key,
                       const std::function<serai::Json()>& answer) {
  if (!call.has_kv()) return answer();
  const serai::Kv kv = call.kv();
  std::string version(kv.get(kVersion).value_or(std::string_view{}));
  if (version.empty()) kv.put(kVersion, version = call.clock().uuid());
  const std::string place = version + "." + key;
  if (const auto known = kv.get(place)) return serai::Json::parse(*known);
  serai::Json found = answer();
  kv.put(place, serai::dump_json(found), std::chrono::minutes(1));
  return found;
}

void rates_changed(const serai::Call& call) {
  serai::Total(call, "rates").changed();
  if (call.has_kv()) call.kv().put(kVersion, call.clock().uuid());
}

void announce(const serai::Call& call, std::string_view change, std::int64_t count,
              bool foreign_currency) {
  call.events().publish("pricing.rates.changed", {{"change", change}, {"count", count}});
  if (foreign_currency)
    call.jobs().enqueue("refresh_exchange", serai::Json::object(), {.unique_key = "refresh"});
}

}  // namespace pricing
