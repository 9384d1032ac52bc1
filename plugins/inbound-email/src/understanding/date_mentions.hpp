// Every place of a mail that names a day or a month.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "calendar.hpp"
#include "language.hpp"
#include "tokens.hpp"

namespace inbound {

enum class DateKind : std::uint8_t { day, month, relative, feast };

struct DateMention {
  DateKind kind = DateKind::day;
  std::size_t first = 0;  // tokens
  std::size_t last = 0;
  int year = 0;  // 0: not written
  int month = 0;
  int day = 0;
  std::optional<Day> resolved{};  // with the year it must mean
  bool begins_range = false;      // the next mention is the range's end
  bool ends_range = false;
  bool ends_stay = false;    // "until", "fly home" stands before it
  bool begins_stay = false;  // "from", "Anreise" stands before it
  bool of_wedding = false;   // "we marry in May"
};

// From left to right, resolved from the day the mail was received.
std::vector<DateMention> find_dates(const Tokens& tokens, Language language, Day received);

}  // namespace inbound
