// What customers read of a quote, on paper, on its page and in its mail, in their language. Each
// language is one table beside this file; {names} in braces are filled in.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace quotes {

// The two plural forms that these languages have, each with {count}.
struct Plural {
  std::string_view one, other;
};

// How numbers and days are written, as Unicode's CLDR has it.
struct Forms {
  std::string_view decimal, group;
  std::size_t least_before_group = 1;  // digits: with 2 it is 1234 and 12.345
  bool zero_is_one = false;            // 0 and whatever is below 2 take the form for one
  std::string_view amount;             // {number} {currency}
  std::string_view day;                // {day} {month} {year}
  std::string_view first;              // {day} of the first of a month
  std::array<std::string_view, 12> months;
};

// One text a line, none of them empty: a test goes through all of them.
struct Words {
  // Of the quote
  std::string_view quote;  // {number}
  std::string_view file;   // {number}; plain ASCII
  std::string_view journey;
  std::string_view journey_to;   // {place}
  std::string_view period;       // {from} {to}
  std::string_view until;        // {day}, which is the last
  std::string_view until_time;   // {day} {time}
  std::string_view valid_until;  // {until}
  std::string_view colon;        // between a word and what it stands for
  std::string_view total;
  std::string_view total_from;

  // Of a stay
  Plural nights;
  Plural adults;
  Plural children;
  Plural stars;
  std::string_view room_only;
  std::string_view self_catering;
  std::string_view bed_and_breakfast;
  std::string_view half_board;
  std::string_view full_board;
  std::string_view all_inclusive;
  std::string_view adult_sharing;
  std::string_view adult_single;
  std::string_view child;
  std::string_view infant;
  std::string_view flight_adult;
  std::string_view flight_child;
  std::string_view transfer_adult;
  std::string_view transfer_child;
  std::string_view without;  // {what}: one of the next two
  std::string_view flights;
  std::string_view transfers;

  // Kinds of items
  std::string_view hotel;
  std::string_view activity;
  std::string_view flight;
  std::string_view transfer;
  std::string_view package;
  std::string_view included;
  std::string_view also_included;

  // On paper
  std::string_view prepared_for;
  std::string_view number_label;
  std::string_view arrival;
  std::string_view departure;
  std::string_view nights_label;
  std::string_view travellers;
  std::string_view valid;
  std::string_view consultant;
  std::string_view what;
  std::string_view quantity;
  std::string_view amount;
  std::string_view converted_from;  // {currency} {day}
  std::string_view alternatives;
  std::string_view view_online;
  std::string_view option;  // {number} {hotel}
  std::string_view all_together;
  std::string_view all_together_from;
  std::string_view no_price;
  std::string_view draft;
  std::string_view assumed_arrival;  // {day}
  std::string_view assumed_ages;
  std::string_view other_hotels;
  std::string_view page_label;  // {page} {pages}

  // On the page
  std::string_view for_customer;  // {name} {period}
  std::string_view accepted;
  std::string_view being_booked;
  std::string_view declined;
  std::string_view expired;
  std::string_view link_gone;
  std::string_view your_choice;
  std::string_view choose;
  std::string_view accept;
  std::string_view decline;
  std::string_view as_pdf;

  // In the mail
  std::string_view subject;
  std::string_view subject_to;    // {place}
  std::string_view from_company;  // {subject} {company}
  std::string_view greeting;      // {name}
  std::string_view intro;         // {number} {period}
  std::string_view intro_to;      // {number} {place} {period}
  std::string_view answer_here;   // a link follows
  std::string_view answer_link;
  std::string_view attached;
};

struct Language {
  std::string_view code;  // ISO 639-1
  Forms forms;
  Words words;
};

// English first.
std::span<const Language* const> languages();
// Null if there is none of that code.
const Language* find_language(std::string_view code);

// A text with its {names} filled in.
std::string fill(std::string_view text,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> names);

// The form that goes with that many.
std::string_view form_for(double count, const Plural& words, const Forms& forms);
// "7 nights"
std::string counted(std::int64_t count, const Plural& words, const Forms& forms);

}  // namespace quotes
