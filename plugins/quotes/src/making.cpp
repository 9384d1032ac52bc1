// See the header.
#include "making.hpp"

#include "partners.hpp"
#include "sending.hpp"
#include "store.hpp"

namespace quotes {
namespace {

Made of_key(const serai::Call& call, Quote quote) {
  Content content = content_of(call, quote);
  const bool in_crm = quote.client_id.has_value();
  const auto why = quote.status == Status::draft ? unfit(content) : std::string();
  return {std::move(quote), std::move(content), false, in_crm, "", why};
}

Quote begun(const serai::Call& call, const Order& order) {
  Quote quote;
  quote.id = call.clock().uuid();
  quote.quote_id = new_quote_id(call, order.stays ? "QT-" : "QUO-");
  quote.source = order.source;
  quote.ticket_id = order.ticket_id;
  follow_content(quote, order.content, own_currency(call));
  quote.expires_at = expiry(call, order.valid_until);
  quote.created_by = call.caller().user;
  quote.created_at = quote.updated_at = call.clock().now_text();
  return quote;
}

void price_or_say_why(const serai::Call& call, Order& order) {
  const Inquiry& asked = order.content.inquiry;
  if (asked.destination.empty() && asked.hotels.empty()) {
    order.content.unpriced = "Neither a destination nor a hotel is known.";
    return;
  }
  try {
    price(call, order.content);
  } catch (const serai::Problem& problem) {
    if (!order.lenient || problem.status != 422) throw;
    order.content.unpriced = problem.errors.empty() ? problem.detail : problem.errors[0].detail;
  }
}

// As far as was asked for. Without anybody there to see why mail refused, it stays a draft.
void go_out(const serai::Call& call, const Order& order, Made& made) {
  const Quote draft = made.quote;
  auto attempt = call.sql().transaction();
  issue(call, made.quote, order.content);
  if (order.mail) made.mail_error = try_to_send_mail(call, made.quote, order.content);
  if (!order.lenient || made.mail_error.empty()) {
    attempt.commit();
    return;
  }
  attempt.rollback();
  made.quote = draft;
  made.unfit = made.mail_error;
}

}  // namespace

Made make_quote(const serai::Call& call, Order order) {
  if (auto quote = known(call, order.key)) return of_key(call, *std::move(quote));
  if (order.stays) price_or_say_why(call, order);
  Made made;
  made.unfit = unfit(order.content);
  if (!made.unfit.empty() && !order.draft && !order.lenient) {
    if (order.content.options.empty() && order.content.items.empty())
      throw serai::Problem(422, "no_availability", made.unfit);
    throw serai::Problem(422, "not_ready", made.unfit);
  }
  auto transaction = call.sql().transaction();
  made.quote = begun(call, order);
  Quote& quote = made.quote;
  if (order.assign) assign_consultant(call, quote);
  made.in_crm = meet_client(call, quote);
  if (!insert(call, quote, order.content, order.key)) {
    transaction.rollback();  // somebody was faster with the same key
    if (auto first = known(call, order.key)) return of_key(call, *std::move(first));
    throw serai::conflict("key_in_use", "A request with this key is under way; try again.");
  }
  if (!order.draft && made.unfit.empty()) go_out(call, order, made);
  call.events().publish("quotes.created", news_of(quote));
  notify(call, quote, "New quote for " + quote.name,
         quote.quote_id + (quote.destination ? " to " + *quote.destination : "") + ", " +
             std::string(name_of(quote.status)) + ".",
         "created");
  commit(call, transaction);
  call.metrics().add("made_total");
  made.content = std::move(order.content);
  return made;
}

}  // namespace quotes
