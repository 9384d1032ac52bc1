// The words that dates are made of, in all eight languages at once: hardly one of them means
// something else in another.
#pragma once

#include <optional>

#include "phrases.hpp"

namespace inbound {

struct MonthWord {
  int month = 0;
  bool weak = false;  // may be no month at all ("may", "mar", "set"): only beside a day's number
};
// Full names may have one letter wrong.
std::optional<MonthWord> month_at(const Tokens& tokens, std::size_t at);

// 0 is Sunday.
std::optional<int> weekday_at(const Tokens& tokens, std::size_t at);

// What stands between the number of a day and its month: "of", "de", an ordinal's ending.
bool is_ordinal_ending(const Token& token);
bool is_of(const Token& token);
// Articles and prepositions that may stand before a day: "the", "le", "den", "am".
bool is_filler(const Token& token);

const PhraseTable& until_words();    // 1: also a plain "to": only between two dates
const PhraseTable& between_words();  // "between", "zwischen": then "and" parts the two dates
const PhraseTable& and_words();
const PhraseTable& return_words();  // "fly home", "Abreise", "regreso": the date after is the end
const PhraseTable& from_words();    // a date follows
const PhraseTable& next_words();    // "next", "prochain": beside a weekday, week, month or year
const PhraseTable& next_year_words();
const PhraseTable& wedding_words();  // the date beside is the wedding's
const PhraseTable& in_words();       // "in", "dans", "over": before "two weeks"
const PhraseTable& feast_words();    // FeastWord

enum FeastWord : int { kEaster, kGoodFriday, kChristmas };

}  // namespace inbound
