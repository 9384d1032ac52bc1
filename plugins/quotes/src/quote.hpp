// A quote: its row, how it is found, and how clients of the API see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "content.hpp"
#include "status.hpp"

namespace quotes {

using Text = std::optional<std::string>;

struct Quote {
  std::string id;        // UUID
  std::string quote_id;  // "QT-20261122-0A1B2C", of items "QUO-..."
  Status status = Status::draft;
  std::int64_t version = 1;
  std::string source;  // manual, email, cart
  Text ticket_id;
  std::string name, email;  // the customer's; email may be empty
  Text phone, destination;
  std::string check_in, check_out;
  std::int64_t nights = 0, adults = 0, children = 0;
  std::optional<std::int64_t> total_minor;
  std::string currency;
  bool is_from = false;                // the total is the smallest of several alternatives
  std::optional<std::int64_t> chosen;  // which alternative, from 0
  Text consultant_id, consultant_name;
  Text client_id;                   // of the CRM
  std::string expires_at;           // holds until then
  Text share_id, share_expires_at;  // the subject of the customer's links; none: no link works
  std::int64_t mails = 0;           // handed over so far
  Text email_sent_at, sent_at, viewed_at, accepted_at, declined_at, expired_at, decline_reason;
  Text follow_up_at;            // when the consultant gets in touch
  bool follow_up_told = false;  // its time came and somebody was told
  std::string created_by, created_at, updated_at;
};

// Columns in the order read_quote() reads them.
extern const char* const kQuoteColumns;
Quote read_quote(const serai::Row& row);

// The record of lists and services.
serai::Json to_json(const Quote& quote);
// The same with hotels, items and the inquiry.
serai::Json to_json(const Quote& quote, const Content& content);

// `reference`: quote_id or UUID. Problem 404.
Quote required_quote(const serai::Call& call, std::string_view reference);
Content content_of(const serai::Call& call, const Quote& quote);

// The alternative that is meant, and that one is meant: a single one need not be named. Problem 422
// with `field`.
void choose(Quote& quote, const Content& content, std::int64_t option, const std::string& field);
void require_choice(Quote& quote, const Content& content, const std::string& field);

// What of the content stands in the row, and the totals by it.
void follow_content(Quote& quote, const Content& content, const std::string& own_currency);

}  // namespace quotes
