// The other plugins a quote meets. Those that are optional are asked only where they are there.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

// The stays that fit, into the content's options; `unpriced` says why there is none. What was asked
// for makes no sense to pricing: its Problem 422.
void price(const serai::Call& call, Content& content);

// Whose turn it is: the consultant who has waited longest gets the quote. Without serai.users/1, or
// where nobody is, the quote has no consultant.
void assign_consultant(const serai::Call& call, Quote& quote);

// The customer becomes a client of the CRM; true if there is a CRM to know.
bool meet_client(const serai::Call& call, Quote& quote);
// What the quote is worth, for pipeline and stage.
void tell_value(const serai::Call& call, const Quote& quote);
// What happened, once for each `occasion`.
void tell_activity(const serai::Call& call, const Quote& quote, const std::string& description,
                   const std::string& occasion);
// To the consultant, or to everybody where there is none; once for each `occasion`.
void notify(const serai::Call& call, const Quote& quote, const std::string& title,
            const std::string& message, const std::string& occasion,
            const char* type = "quote_request");

}  // namespace quotes
