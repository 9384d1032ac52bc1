// What a mail asks for, field by field, each with the words it came from.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar.hpp"
#include "language.hpp"

namespace inbound {

struct Evidence {
  std::string words;      // as they stand in the mail
  std::size_t begin = 0;  // bytes of `Mail::text()`
  std::size_t end = 0;
};

template <typename T>
struct Found {
  T value{};
  double confidence = 0;  // 0 to 1, how often such a reading is right; not a measured probability
  Evidence evidence;
};

template <typename T>
using Field = std::optional<Found<T>>;

struct Budget {
  std::int64_t amount = 0;  // whole units of the currency; cents of a budget are noise
  std::string currency;     // ISO 4217, empty when the mail names none
  bool per_person = false;

  bool operator==(const Budget&) const = default;
};

// What the tenant sells: nothing else is ever reported as destination or hotel.
struct Place {
  std::string name;
  std::vector<std::string> aliases;
};
struct Offer {
  std::vector<Place> destinations;
  std::vector<Place> hotels;
};

struct Mail {
  std::string subject;
  std::string body;  // plain text, without quoted replies and signature
  Day received{};    // in the tenant's time zone

  std::string text() const { return subject + "\n\n" + body; }
};

struct Enquiry {
  bool is_enquiry = false;
  double confidence = 0;  // of is_enquiry
  Found<Language> language;

  std::vector<Found<std::string>> destinations;  // names of the offer, in the mail's order
  Field<Day> check_in;
  Field<Day> check_out;
  Field<std::chrono::year_month> month;  // when no day is known
  Field<int> nights;
  Field<int> adults;
  Field<int> children;
  std::vector<Found<int>> children_ages;  // years
  Field<int> rooms;
  Field<Budget> budget;
  std::vector<Found<std::string>> hotels;  // names of the offer
  Field<std::string> board;                // ro, bb, hb, fb, ai
  std::vector<Found<std::string>> wishes;  // words of wishes.cpp: "honeymoon", "sea_view", ...
  Field<std::string> phone;
};

// Any thread; no I/O. Time grows with the text (at most kLongestText) times the size of the offer.
Enquiry understand(const Mail& mail, const Offer& offer);

}  // namespace inbound
