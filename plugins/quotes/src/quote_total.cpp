// See the header.
#include "quote_total.hpp"

namespace quotes {

std::optional<QuoteTotal> total_of(const std::vector<Offered>& options,
                                   std::optional<std::size_t> chosen) {
  if (chosen) {
    const Offered& option = options.at(*chosen);
    return QuoteTotal{option.total_minor, option.currency, false};
  }
  const Offered* best = nullptr;
  for (const Offered& option : options) {
    if (option.currency != options.front().currency) continue;
    const bool better =
        best == nullptr || option.complete > best->complete ||
        (option.complete == best->complete && option.total_minor < best->total_minor);
    if (better) best = &option;
  }
  if (best == nullptr) return std::nullopt;
  return QuoteTotal{best->total_minor, best->currency, true};
}

}  // namespace quotes
