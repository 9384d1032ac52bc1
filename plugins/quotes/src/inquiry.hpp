// What a customer asked for. What nobody said is assumed, and it is written down that it was.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <serai/json.hpp>

#include "days.hpp"

namespace quotes {

struct Inquiry {
  std::string name;
  std::string email;        // empty: nobody to be mailed
  std::string phone;        // empty: none
  std::string destination;  // empty: the hotels say it
  std::vector<std::string> hotels;
  std::string check_in, check_out;  // days
  int nights = 7;
  int adults = 2;
  std::vector<int> children_ages;
  int rooms = 0;  // 0: as few as let nobody be alone
  bool with_flights = false, with_transfers = false;
  serai::Json budget;                // a number, or null
  std::string message;               // the customer's words
  std::string language;              // the customer's, one of find_language(); empty: not known
  std::vector<std::string> assumed;  // of the fields above: "check_in", "children_ages", ...

  bool operator==(const Inquiry&) const = default;
};

// Whether it may do without: an e-mail address, and a place to go to (a cart says what it holds).
struct Needs {
  bool email = true, place = true;
};

// From the document of a route or service. Days that are over move to the next year in which they
// are not; without check_in thirty days from today. Problem 422.
Inquiry read_inquiry(const serai::Json& document, Day today, Needs needs);

// As it is kept, and the same read again.
serai::Json to_json(const Inquiry& inquiry);
Inquiry inquiry_of(const serai::Json& kept);

}  // namespace quotes
