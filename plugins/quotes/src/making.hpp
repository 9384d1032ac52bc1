// A new quote, from a person's request or another plugin's: priced, stored, and as far on its way
// as was asked for.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

struct Order {
  Content content;  // the inquiry and its items; stays are priced here
  std::string source = "manual";
  Text ticket_id;
  std::string valid_until;  // empty: the tenant's setting
  std::string key;          // same key: the same quote; empty: none
  bool stays = true;        // to be priced from the rate table
  bool mail = true;
  bool draft = false;    // stays one
  bool lenient = false;  // what is not whole stays a draft instead of being refused
  bool assign = true;
};

struct Made {
  Quote quote;
  Content content;
  bool is_new = true;
  bool in_crm = false;
  std::string mail_error;  // why it was not mailed though it should have been
  std::string unfit;       // lenient: why it is a draft
};

// In a transaction of its own, inside of the caller's if there is one. Problem 422
// `no_availability` if nothing is to be had and neither `draft` nor `lenient`.
Made make_quote(const serai::Call& call, Order order);

}  // namespace quotes
