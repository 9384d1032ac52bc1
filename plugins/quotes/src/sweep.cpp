// See the header.
#include "sweep.hpp"

#include "partners.hpp"
#include "store.hpp"

namespace quotes {
namespace {

constexpr std::int64_t kTogether = 200;

std::vector<Quote> those(const serai::Call& call, const char* condition) {
  const auto rows =
      call.sql().query(std::string("SELECT ") + kQuoteColumns + " FROM quotes_quotes AS q WHERE " +
                           condition + " LIMIT $2",
                       call.clock().now_text(), kTogether);
  std::vector<Quote> found;
  for (const auto row : rows) found.push_back(read_quote(row));
  return found;
}

std::size_t expire(const serai::Call& call) {
  auto transaction = call.sql().transaction();
  auto over = those(call,
                    "q.status IN ('quoted', 'sent', 'viewed') AND q.expires_at <= $1 "
                    "ORDER BY q.expires_at, q.id");
  for (Quote& quote : over) {
    const Quote before = quote;
    quote.status = Status::expired;
    quote.expired_at = call.clock().now_text();
    save(call, before, quote, "expired");
    tell_activity(call, quote, "Quote " + quote.quote_id + " has expired",
                  "expired-" + std::to_string(quote.version));
  }
  commit(call, transaction);
  return over.size();
}

std::size_t remind(const serai::Call& call) {
  auto transaction = call.sql().transaction();
  auto due = those(call,
                   "q.follow_up_told = FALSE AND q.follow_up_at <= $1 "
                   "ORDER BY q.follow_up_at, q.id");
  for (Quote& quote : due) {
    const Quote before = quote;
    quote.follow_up_told = true;
    save(call, before, quote, "followed_up");
    // Who has answered meanwhile is not asked again.
    if (quote.status != Status::sent && quote.status != Status::viewed) continue;
    notify(call, quote, "Follow up on quote " + quote.quote_id,
           "Get in touch with " + quote.name + (quote.phone ? ", " + *quote.phone : "") + ".",
           "follow-up-" + *quote.follow_up_at);
    call.events().publish("quotes.follow_up_due", news_of(quote));
  }
  commit(call, transaction);
  return due.size();
}

}  // namespace

void sweep(serai::Job& job) {
  while (expire(job) == static_cast<std::size_t>(kTogether)) {
  }
  while (remind(job) == static_cast<std::size_t>(kTogether)) {
  }
}

}  // namespace quotes
