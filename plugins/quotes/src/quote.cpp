// See the header.
#include "quote.hpp"

#include "money.hpp"

namespace quotes {
namespace {

using serai::Json;

Text optional(const serai::Row& row, int column) {
  const auto text = row.optional_text(column);
  return text ? Text(std::string(*text)) : std::nullopt;
}

Json or_null(const Text& text) { return text ? Json(*text) : Json(); }

}  // namespace

const char* const kQuoteColumns =
    "q.id, q.quote_id, q.status, q.version, q.source, q.ticket_id, q.customer_name, "
    "q.customer_email, q.customer_phone, q.destination, q.check_in, q.check_out, q.nights, "
    "q.adults, q.children, q.total_minor, q.currency, q.is_from, q.chosen, q.consultant_id, "
    "q.consultant_name, q.client_id, q.expires_at, q.share_id, q.share_expires_at, q.mails, "
    "q.email_sent_at, q.sent_at, q.viewed_at, q.accepted_at, q.declined_at, q.expired_at, "
    "q.decline_reason, q.follow_up_at, q.follow_up_told, q.created_by, q.created_at, q.updated_at";

Quote read_quote(const serai::Row& row) {
  Quote q;
  q.id = row.text(0);
  q.quote_id = row.text(1);
  q.status = status_of(row.text(2)).value_or(Status::cancelled);
  q.version = row.integer(3);
  q.source = row.text(4);
  q.ticket_id = optional(row, 5);
  q.name = row.text(6);
  q.email = row.text(7);
  q.phone = optional(row, 8);
  q.destination = optional(row, 9);
  q.check_in = row.text(10);
  q.check_out = row.text(11);
  q.nights = row.integer(12);
  q.adults = row.integer(13);
  q.children = row.integer(14);
  q.total_minor = row.optional_integer(15);
  q.currency = row.text(16);
  q.is_from = row.boolean(17);
  q.chosen = row.optional_integer(18);
  q.consultant_id = optional(row, 19);
  q.consultant_name = optional(row, 20);
  q.client_id = optional(row, 21);
  q.expires_at = row.text(22);
  q.share_id = optional(row, 23);
  q.share_expires_at = optional(row, 24);
  q.mails = row.integer(25);
  q.email_sent_at = optional(row, 26);
  q.sent_at = optional(row, 27);
  q.viewed_at = optional(row, 28);
  q.accepted_at = optional(row, 29);
  q.declined_at = optional(row, 30);
  q.expired_at = optional(row, 31);
  q.decline_reason = optional(row, 32);
  q.follow_up_at = optional(row, 33);
  q.follow_up_told = row.boolean(34);
  q.created_by = row.text(35);
  q.created_at = row.text(36);
  q.updated_at = row.text(37);
  return q;
}

Json to_json(const Quote& q) {
  Json total;
  if (q.total_minor)
    total = {{"amount", *q.total_minor}, {"currency", q.currency}, {"from", q.is_from}};
  return {{"quote_id", q.quote_id},
          {"status", name_of(q.status)},
          {"version", q.version},
          {"source", q.source},
          {"ticket_id", or_null(q.ticket_id)},
          {"customer_name", q.name},
          {"customer_email", q.email},
          {"customer_phone", or_null(q.phone)},
          {"destination", or_null(q.destination)},
          {"check_in", q.check_in},
          {"check_in_date", q.check_in},
          {"check_out", q.check_out},
          {"check_out_date", q.check_out},
          {"nights", q.nights},
          {"adults", q.adults},
          {"children", q.children},
          {"total_price", q.total_minor ? amount_json(*q.total_minor, q.currency) : Json()},
          {"total", std::move(total)},
          {"currency", q.currency},
          {"chosen_option", q.chosen ? Json(*q.chosen) : Json()},
          {"consultant_id", or_null(q.consultant_id)},
          {"consultant_name", or_null(q.consultant_name)},
          {"client_id", or_null(q.client_id)},
          {"expires_at", q.expires_at},
          {"shared", q.share_id.has_value()},
          {"email_sent", q.email_sent_at.has_value()},
          {"email_sent_at", or_null(q.email_sent_at)},
          {"sent_at", or_null(q.sent_at)},
          {"viewed_at", or_null(q.viewed_at)},
          {"accepted_at", or_null(q.accepted_at)},
          {"declined_at", or_null(q.declined_at)},
          {"decline_reason", or_null(q.decline_reason)},
          {"expired_at", or_null(q.expired_at)},
          {"follow_up_at", or_null(q.follow_up_at)},
          {"created_by", q.created_by},
          {"created_at", q.created_at},
          {"updated_at", q.updated_at}};
}

Json to_json(const Quote& quote, const Content& content) {
  Json record = to_json(quote);
  const Inquiry& asked = content.inquiry;
  record["children_ages"] = asked.children_ages;
  record["rooms"] = asked.rooms == 0 ? Json() : Json(asked.rooms);
  record["budget"] = asked.budget;
  record["message"] = asked.message;
  record["language"] = asked.language.empty() ? Json() : Json(asked.language);
  record["requested_hotels"] = asked.hotels;
  record["assumed"] = asked.assumed;
  record["hotels"] = hotels_json(content);
  record["line_items"] = items_json(content);
  record["totals_by_currency"] = totals_json(content);
  record["unpriced"] = content.unpriced.empty() ? Json() : Json(content.unpriced);
  return record;
}

Quote required_quote(const serai::Call& call, std::string_view reference) {
  const char* column = reference.starts_with("Q") ? "q.quote_id" : "q.id";
  const auto rows = call.sql().query(
      std::string("SELECT ") + kQuoteColumns + " FROM quotes_quotes AS q WHERE " + column + " = $1",
      reference);
  return read_quote(rows.required("The quote"));
}

Content content_of(const serai::Call& call, const Quote& quote) {
  const auto rows =
      call.sql().query("SELECT content FROM quotes_versions WHERE quote = $1 AND version = $2",
                       quote.id, quote.version);
  return content_of(rows.required("The quote").json(0));
}

void choose(Quote& quote, const Content& content, std::int64_t option, const std::string& field) {
  if (option < 0 || option >= static_cast<std::int64_t>(content.options.size()))
    throw serai::invalid_field(field, "There is no such option.");
  quote.chosen = option;
}

void require_choice(Quote& quote, const Content& content, const std::string& field) {
  if (!quote.chosen && content.options.size() == 1) quote.chosen = 0;
  if (!quote.chosen && !content.options.empty())
    throw serai::invalid_field(field, "Choose one of the options of this quote.");
}

void follow_content(Quote& quote, const Content& content, const std::string& own_currency) {
  const Inquiry& asked = content.inquiry;
  quote.name = asked.name;
  quote.email = asked.email;
  quote.phone = asked.phone.empty() ? Text() : Text(asked.phone);
  quote.destination = asked.destination.empty() ? Text() : Text(asked.destination);
  if (!quote.destination && !content.options.empty() &&
      content.options[0].value("destination", Json()).is_string())
    quote.destination = content.options[0]["destination"].get<std::string>();
  quote.check_in = asked.check_in;
  quote.check_out = asked.check_out;
  quote.nights = asked.nights;
  quote.adults = asked.adults;
  quote.children = static_cast<std::int64_t>(asked.children_ages.size());
  if (quote.chosen && *quote.chosen >= static_cast<std::int64_t>(content.options.size()))
    quote.chosen.reset();
  const auto total = total_of(content, quote.chosen, own_currency);
  quote.total_minor = total ? std::optional(total->total_minor) : std::nullopt;
  quote.currency = total ? total->currency : own_currency;
  quote.is_from = total && total->is_from;
}

}  // namespace quotes
