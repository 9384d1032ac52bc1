// What a quote is worth: its options are alternatives, never a sum.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quotes {

// An alternative, as pricing.stay/1 told it: whole minor units of its currency.
struct Offered {
  std::int64_t total_minor = 0;
  std::string currency;
  bool complete = true;  // nothing that was asked for is missing
};

struct QuoteTotal {
  std::int64_t total_minor = 0;
  std::string currency;
  bool is_from = true;  // "from": nobody has chosen yet

  bool operator==(const QuoteTotal&) const = default;
};

// The chosen option's; else the smallest of the complete ones in the first option's currency, else
// of all in it. Nothing if there is no option. Throws std::out_of_range for a choice that is none.
std::optional<QuoteTotal> total_of(const std::vector<Offered>& options,
                                   std::optional<std::size_t> chosen);

}  // namespace quotes
