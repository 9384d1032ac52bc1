// What a version of a quote offers: alternatives of which one is chosen, and items that come with
// whatever is chosen. Amounts are whole minor units, each with its trace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <serai/json.hpp>

#include "inquiry.hpp"
#include "quote_total.hpp"

namespace quotes {

struct Content {
  Inquiry inquiry;
  serai::Json options = serai::Json::array();  // as options_in() made them
  serai::Json items = serai::Json::array();    // as read_items() made them
  std::string unpriced;                        // why there is no price; else empty
};

serai::Json to_json(const Content& content);
Content content_of(const serai::Json& kept);

// The items of a request (type, name, description, price, currency, quantity ...), each with
// unit_minor and amount_minor. `user`: who answers for the prices. Problem 422 with the field.
serai::Json read_items(const serai::Json& given, const std::string& currency,
                       const std::string& user);

// Sums of the items, by currency.
std::map<std::string, std::int64_t> totals_of_items(const serai::Json& items);

// What each alternative costs with the items. Problem 422 if an item is in another currency than
// the alternatives, or a sum is too large.
std::vector<Offered> offered(const Content& content);

// The quote's: the chosen alternative's or "from", with the items; of items alone their sum in
// `currency` or else in the first item's. Nothing if there is neither.
std::optional<QuoteTotal> total_of(const Content& content, std::optional<std::int64_t> chosen,
                                   const std::string& currency);

// One sentence why the quote cannot go out as it is: no price, no address, an amount without its
// trace. Empty: it can.
std::string unfit(const Content& content);

// As clients of the API read them.
serai::Json hotels_json(const Content& content);
serai::Json items_json(const Content& content);
serai::Json totals_json(const Content& content);

}  // namespace quotes
