// See the header.
#include "store.hpp"

#include <serai/total.hpp>

#include "text.hpp"

namespace quotes {
namespace {

constexpr int kAttempts = 8;

std::string search_key(const Quote& quote) {
  return folded(quote.quote_id + "\n" + quote.name + "\n" + quote.email + "\n" +
                quote.destination.value_or("") + "\n" + quote.phone.value_or(""));
}

void insert_version(const serai::Call& call, const Quote& quote, const Content& content,
                    std::string_view cause) {
  call.sql().execute(
      "INSERT INTO quotes_versions (quote, version, cause, content, total_minor, currency, pdf, "
      "user_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)",
      quote.id, quote.version, cause, serai::dump_json(to_json(content)), quote.total_minor,
      quote.currency, call.caller().user, call.clock().now_text());
}

void record(const serai::Call& call, const Quote& quote, std::string_view from,
            std::string_view cause) {
  call.sql().execute(
      "INSERT INTO quotes_changes (id, quote, from_status, to_status, cause, user_id, changed_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      call.clock().uuid(), quote.id, from, name_of(quote.status), cause, call.caller().user,
      call.clock().now_text());
}

// Which changes others are told of.
bool is_news(Status status) {
  switch (status) {
    case Status::sent:
    case Status::viewed:
    case Status::accepted:
    case Status::declined:
    case Status::expired:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string own_currency(const serai::Call& call) { return call.config().text("currency"); }

Zone zone_of(const serai::Call& call) { return Zone(call.config().text("timezone")); }

Day today(const serai::Call& call) {
  const auto local = zone_of(call).local(call.clock().now());
  return Day(std::chrono::floor<std::chrono::days>(local).time_since_epoch());
}

std::string new_quote_id(const serai::Call& call, std::string_view prefix) {
  std::string day = day_text(today(call));
  std::erase(day, '-');
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // The last digits of a UUIDv7 are its random ones.
    std::string digits = call.clock().uuid().substr(30);
    for (char& c : digits)
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    std::string id = std::string(prefix) + day + "-" + digits;
    if (call.sql().query("SELECT 1 AS taken FROM quotes_quotes WHERE quote_id = $1", id).empty())
      return id;
  }
  throw serai::Problem(503, "no_free_id", "No number was free; try again.");
}

bool insert(const serai::Call& call, const Quote& q, const Content& content,
            const std::string& key) {
  auto transaction = call.sql().transaction();
  call.sql().execute(
      "INSERT INTO quotes_quotes (id, quote_id, status, version, source, ticket_id, "
      "customer_name, customer_email, customer_phone, destination, check_in, check_out, nights, "
      "adults, children, total_minor, currency, is_from, chosen, consultant_id, consultant_name, "
      "client_id, expires_at, mails, follow_up_told, search_key, created_by, created_at, "
      "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
      "$17, $18, $19, $20, $21, $22, $23, 0, $24, $25, $26, $27, $28)",
      q.id, q.quote_id, name_of(q.status), q.version, q.source, q.ticket_id, q.name, q.email,
      q.phone, q.destination, q.check_in, q.check_out, q.nights, q.adults, q.children,
      q.total_minor, q.currency, q.is_from, q.chosen, q.consultant_id, q.consultant_name,
      q.client_id, q.expires_at, false, search_key(q), q.created_by, q.created_at, q.updated_at);
  if (!key.empty() &&
      call.sql().execute("INSERT INTO quotes_requests (key, quote, created_at) VALUES ($1, $2, $3) "
                         "ON CONFLICT (key) DO NOTHING",
                         key, q.id, q.created_at) == 0)
    return false;
  insert_version(call, q, content, "created");
  record(call, q, "", "created");
  transaction.commit();
  return true;
}

std::optional<Quote> known(const serai::Call& call, const std::string& key) {
  if (key.empty()) return std::nullopt;
  const auto rows =
      call.sql().query(std::string("SELECT ") + kQuoteColumns +
                           " FROM quotes_requests AS r JOIN quotes_quotes AS q ON q.id = r.quote "
                           "WHERE r.key = $1",
                       key);
  if (rows.empty()) return std::nullopt;
  return read_quote(rows.front());
}

void save(const serai::Call& call, const Quote& before, Quote& after, std::string_view cause) {
  const bool moved = before.status != after.status;
  if (moved && !may_become(before.status, after.status))
    throw serai::conflict("status_not_allowed",
                          "A quote that is " + std::string(name_of(before.status)) +
                              " cannot become " + std::string(name_of(after.status)) + ".");
  Quote& q = after;
  q.updated_at = call.clock().now_text();
  const auto changed = call.sql().execute(
      "UPDATE quotes_quotes SET status = $1, version = $2, customer_name = $3, customer_email = "
      "$4, customer_phone = $5, destination = $6, check_in = $7, check_out = $8, nights = $9, "
      "adults = $10, children = $11, total_minor = $12, currency = $13, is_from = $14, chosen = "
      "$15, consultant_id = $16, consultant_name = $17, client_id = $18, expires_at = $19, "
      "share_id = $20, share_expires_at = $21, mails = $22, email_sent_at = $23, sent_at = $24, "
      "viewed_at = $25, accepted_at = $26, declined_at = $27, expired_at = $28, decline_reason = "
      "$29, follow_up_at = $30, follow_up_told = $31, search_key = $32, updated_at = $33 "
      "WHERE id = $34 AND version = $35 AND status = $36 AND mails = $37",
      name_of(q.status), q.version, q.name, q.email, q.phone, q.destination, q.check_in,
      q.check_out, q.nights, q.adults, q.children, q.total_minor, q.currency, q.is_from, q.chosen,
      q.consultant_id, q.consultant_name, q.client_id, q.expires_at, q.share_id, q.share_expires_at,
      q.mails, q.email_sent_at, q.sent_at, q.viewed_at, q.accepted_at, q.declined_at, q.expired_at,
      q.decline_reason, q.follow_up_at, q.follow_up_told, search_key(q), q.updated_at, q.id,
      before.version, name_of(before.status), before.mails);
  if (changed == 0)
    throw serai::conflict("changed_meanwhile",
                          "Somebody else has changed the quote; look at it again.");
  if (!moved) return;
  record(call, q, name_of(before.status), cause);
  if (is_news(q.status))
    call.events().publish("quotes." + std::string(name_of(q.status)), news_of(q));
}

void add_version(const serai::Call& call, Quote& quote, const Content& content,
                 std::string_view cause) {
  ++quote.version;
  follow_content(quote, content, own_currency(call));
  insert_version(call, quote, content, cause);
}

std::string paper_of(const serai::Call& call, const Quote& quote) {
  const auto rows = call.sql().query(
      "SELECT pdf FROM quotes_versions WHERE quote = $1 AND version = $2", quote.id, quote.version);
  const auto blob = rows.required("The quote").optional_text(0);
  return std::string(blob.value_or(""));
}

void keep_paper(const serai::Call& call, const Quote& quote, const std::string& blob) {
  call.sql().execute("UPDATE quotes_versions SET pdf = $1 WHERE quote = $2 AND version = $3", blob,
                     quote.id, quote.version);
}

void commit(const serai::Call& call, serai::Transaction& transaction) {
  transaction.commit();
  serai::Total(call, "quotes").changed();
}

serai::Json news_of(const Quote& quote) {
  const serai::Json record = to_json(quote);
  serai::Json news{{"id", quote.id}};
  for (const char* name :
       {"quote_id", "status", "version", "source", "ticket_id", "customer_name", "customer_email",
        "destination", "total", "chosen_option", "consultant_id", "client_id"})
    news[name] = record.at(name);
  return news;
}

}  // namespace quotes
