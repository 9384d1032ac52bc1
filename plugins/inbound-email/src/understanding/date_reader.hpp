// Reads one date that begins at a given token.
#pragma once

#include <optional>

#include "date_mentions.hpp"

namespace inbound {

// 2026-07-12, 12/07/2026, 12.7., 12th of July 2026, July 12.
std::optional<DateMention> read_day(const Tokens& tokens, std::size_t at);
// "12th", "1er": a day whose month stands elsewhere.
std::optional<DateMention> read_bare_day(const Tokens& tokens, std::size_t at);
// "July", "in May 2027".
std::optional<DateMention> read_month(const Tokens& tokens, std::size_t at);
// "next Friday", "in two weeks", "tomorrow", "next month".
std::optional<DateMention> read_relative(const Tokens& tokens, std::size_t at, Language language,
                                         Day received);
// Easter, Christmas.
std::optional<DateMention> read_feast(const Tokens& tokens, std::size_t at, Day received);

}  // namespace inbound
