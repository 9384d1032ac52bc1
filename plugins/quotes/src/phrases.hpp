// Phrases that paper, page and mail have in common, in the customer's language.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "quote.hpp"
#include "words/words.hpp"

namespace quotes {

// "until 6 December 2026", by the tenant's clock; with the hour where it is not a day's end.
std::string until_words(const serai::Call& call, const Quote& quote, const Language& language);
// "10 June 2026 to 17 June 2026"
std::string period_words(const Quote& quote, const Language& language);

// A line's rule and an item's kind; what is not known stays as it is.
std::string_view rule_words(std::string_view rule, const Words& words);
std::string_view kind_words(std::string_view kind, const Words& words);
// "Double, half board, 7 nights"; the room is in the words of the rate.
std::string stay_words(const serai::Json& option, const Language& language);
// One sentence for each thing that was asked for and is not in the option's price.
std::vector<std::string> missing_words(const serai::Json& option, const Words& words);
// "Total", or "From" where nobody has chosen yet.
std::string_view total_words(const Quote& quote, const Words& words);

}  // namespace quotes
