// What pricing.stay/1 answered, as the rest of the plugin may rely on it.
#pragma once

#include <serai/json.hpp>

namespace quotes {

// The options: hotel_name, total_minor, currency and a list of lines are there and of their type,
// the rest of its type or null. A line without rule, rate or amount is left out: the sum then shows
// that the price cannot be traced. Problem 502 if there is no sense in the answer.
serai::Json options_in(const serai::Json& answer);

}  // namespace quotes
