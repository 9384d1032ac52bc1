// From a draft to the customer: the quote is issued (its paper is made and stays), mailed, followed
// up. All of it in the caller's transaction: row, mail, client, task and news last together.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "quote.hpp"

namespace quotes {

// Until when a new quote holds: `given` (a day, or a time like 2026-12-01T17:00:00Z), or so many
// days as the tenant's setting says. Problem 422 if that is over.
std::string expiry(const serai::Call& call, const std::string& given);

// draft, declined or expired -> quoted: an offer, with its paper. Problem 422 `not_ready` in the
// words of unfit() if it cannot be one.
void issue(const serai::Call& call, Quote& quote, const Content& content);

// quoted -> sent, or the mail once more (status stays). Problem 503 `mail_missing` or what mail
// says; 409 `address_suppressed` if the address is mailed no more.
void send_mail(const serai::Call& call, Quote& quote, const Content& content);

// The same, but nothing of it lasts if mail refuses: its words then, else empty.
std::string try_to_send_mail(const serai::Call& call, Quote& quote, const Content& content);

// Where the customer sees the quote, and its paper alone. Only for one that is shared.
std::string page_link(const serai::Call& call, const Quote& quote);
std::string paper_link(const serai::Call& call, const Quote& quote);

}  // namespace quotes
