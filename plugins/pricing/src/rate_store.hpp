// The rate table in the tenant's database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "price.hpp"

namespace pricing {

// The tenant's currency (setting). Problem 503 if the setting is none.
std::string own_currency(const serai::Call& call);

struct RateFilter {
  std::string_view destination, hotel_name, meal_plan;  // exact but for case; empty: any
  bool is_active = true;
  std::string_view check_in_after, check_in_before;  // dates, inclusive; empty: any
};

// The statement of a list and the values it is bound to.
struct Statement {
  std::string sql;
  std::vector<serai::Value> values;
  serai::Rows run(const serai::Call& call) const { return call.sql().query_values(sql, values); }
};
Statement list_statement(const RateFilter& filter, std::int64_t limit, std::int64_t offset);
Statement count_statement(const RateFilter& filter);
// The next rates in the order of their ids, for reading all of a destination (empty: of all).
Statement walk_statement(std::string_view destination, std::string_view after_id,
                         std::int64_t limit);

// The columns that rate_of() reads, for statements of other files.
extern const std::string_view kRateColumns;
Rate rate_of(const serai::Row& row);

// Problem 404.
Rate load_rate(const serai::Call& call, std::string_view rate_id);

// The first of `count` new ids' numbers; unique in the tenant for ever.
std::uint32_t reserve_ids(const serai::Call& call, std::int64_t count);
std::string rate_id_of(std::uint32_t number);

// Each in a transaction of its own, announced. Problem 409 rate_exists if there is one for the same
// hotel, destination, room type, board, season, nights and currency.
void insert_rate(const serai::Call& call, const Rate& rate);
void update_rate(const serai::Call& call, const Rate& rate);
// In the caller's transaction, not announced. Those that are there are changed and keep their ids.
void upsert_rates(const serai::Call& call, const std::vector<Rate>& rates);

// An answer that takes long to count, kept until rates change (or for a minute, should somebody die
// between a commit and rates_changed()). `key`: what tells one question from another.
serai::Json remembered(const serai::Call& call, const std::string& key,
                       const std::function<serai::Json()>& answer);

// After the commit of anything that changed rates.
void rates_changed(const serai::Call& call);
// In its transaction: the event, and a look for exchange rates if a currency is not the tenant's.
void announce(const serai::Call& call, std::string_view change, std::int64_t count,
              bool foreign_currency);

}  // namespace pricing
