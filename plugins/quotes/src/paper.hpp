// The PDF of a quote.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

// The document of pdf.render/1. `link`: where the customer sees and accepts it; empty: none (a
// draft). `valid_until` in words.
serai::Json paper_document(const Quote& quote, const Content& content, const serai::Json& brand,
                           const std::string& date, const std::string& valid_until,
                           const std::string& link, const std::string& language);

// Its bytes; they live as long as the call.
std::string_view render(const serai::Call& call, const Quote& quote, const Content& content,
                        const std::string& link);

// "until 6 December 2026", by the tenant's clock; with the hour where it is not a day's end.
std::string until_words(const serai::Call& call, const Quote& quote);

// Words of a line's rule and of a board, for people; also on the page and in the mail.
std::string rule_words(std::string_view rule);
std::string board_words(std::string_view board);
// "Double, half board, 7 nights".
std::string stay_words(const serai::Json& option);

}  // namespace quotes
