// See quote_values.hpp.
#include "quote_values.hpp"

#include "activity.hpp"
#include "money.hpp"
#include "stage.hpp"
#include "store.hpp"
#include "text.hpp"
#include "writing.hpp"

namespace crm {
namespace {

struct Quote {
  std::string id;
  std::int64_t amount;
  std::string currency;
  Text destination;
  std::string quoted_at;
};

bool is_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00.000000Z";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

Quote quote_of(const serai::ServiceCall& call) {
  Quote quote{tidy(call.field<std::string>("quote_id")), call.field<std::int64_t>("amount"),
              call.field<std::string>("currency"), std::nullopt,
              call.field("quoted_at", call.clock().now_text())};
  if (quote.id.empty() || quote.id.size() > 64)
    throw serai::invalid_field("/quote_id", "This must have 1 to 64 characters.");
  if (quote.amount < 0 || quote.amount > kLargestAmount)
    throw serai::invalid_field("/amount", "This must be whole minor units, not negative.");
  if (!is_currency(quote.currency))
    throw serai::invalid_field("/currency", "This must be an ISO 4217 code such as ZAR.");
  if (!is_time(quote.quoted_at))
    throw serai::invalid_field("/quoted_at",
                               "This must be a time like 2026-11-21T03:40:00.000000Z.");
  if (const auto destination = call.find_field<std::string>("destination")) {
    const std::string text = tidy(*destination);
    if (length(text) > 200)
      throw serai::invalid_field("/destination", "This must have at most 200 characters.");
    if (!text.empty()) quote.destination = text;
  }
  return quote;
}

// True: it was not known before.
bool store(const serai::Call& call, const Client& client, const Quote& quote) {
  const auto sql = call.sql();
  const auto added = sql.execute(
      "INSERT INTO crm_quote_values (quote_id, client, amount, currency, destination, quoted_at) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (quote_id) DO NOTHING",
      quote.id, client.id, quote.amount, quote.currency, quote.destination, quote.quoted_at);
  if (added == 1) return true;
  const auto known = sql.execute(
      "UPDATE crm_quote_values SET amount = $1, currency = $2, destination = $3 "
      "WHERE quote_id = $4 AND client = $5",
      quote.amount, quote.currency, quote.destination, quote.id, client.id);
  if (known == 0) throw serai::conflict("quote_of_another", "The quote is another client's.");
  return false;
}

}  // namespace

void follow_quotes(const serai::Call& call, Client& client) {
  const auto sql = call.sql();
  const auto rows = sql.query(
      "SELECT amount, currency, destination, (SELECT count(*) FROM crm_quote_values WHERE client = "
      "$1) AS quotes FROM crm_quote_values WHERE client = $1 ORDER BY quoted_at DESC, quote_id "
      "DESC LIMIT 1",
      client.id);
  if (rows.empty()) return;
  client.value = rows.front().integer(0);
  client.currency = rows.front().text(1);
  if (const auto destination = rows.front().optional_text(2)) client.destination = *destination;
  client.quote_count = rows.front().integer(3);
  sql.execute("UPDATE crm_clients SET quote_count = $1 WHERE id = $2", client.quote_count,
              client.id);
}

serai::Json quoted(serai::ServiceCall& call) {
  const Quote quote = quote_of(call);
  Writing writing(call);
  const Client before = required_client(call, call.field<std::string>("client"));
  const bool fresh = store(call, before, quote);
  Client after = before;
  follow_quotes(call, after);
  if (fresh) {
    after.stage = stage_after_quote(before.stage, after.quote_count);
    record_activities(call, {{before.id,
                              "quote",
                              "Quote " + quote.id + ": " + quote.currency + " " +
                                  decimal(quote.amount, quote.currency),
                              {{"quote_id", quote.id},
                               {"amount", number(quote.amount, quote.currency)},
                               {"currency", quote.currency}},
                              "quote:" + quote.id}});
    after.last_activity_at = call.clock().now_text();
  }
  after = change_client(call, before, after, kOfQuote);
  writing.commit();
  return {{"new", fresh}, {"client", to_json(after)}};
}

}  // namespace crm
