// See the header.
#include "shared.hpp"

#include "language.hpp"
#include "page.hpp"
#include "paper.hpp"
#include "partners.hpp"
#include "sending.hpp"
#include "store.hpp"
#include "text.hpp"

namespace quotes {
namespace {

using serai::Json;

// The quote of the link, unless it is not the customer's to see.
std::optional<Quote> find_quote(const serai::Request& request) {
  const auto rows = request.sql().query(
      std::string("SELECT ") + kQuoteColumns + " FROM quotes_quotes AS q WHERE q.share_id = $1",
      request.path("link"));
  if (rows.empty()) return std::nullopt;
  Quote quote = read_quote(rows.front());
  if (quote.status == Status::draft || quote.status == Status::cancelled) return std::nullopt;
  return quote;
}

// The quote as it is now: one whose time is over is so whether or not the schedule has been there.
std::optional<Quote> current(const serai::Request& request) {
  auto quote = find_quote(request);
  const auto now = request.clock().now_text();
  if (!quote || !may_expire(quote->status) || quote->expires_at > now) return quote;
  auto transaction = request.sql().transaction();
  const Quote before = *quote;
  quote->status = Status::expired;
  quote->expired_at = now;
  save(request, before, *quote, "expired");
  commit(request, transaction);
  return quote;
}

// As every browser does.
bool wants_page(const serai::Request& request) {
  return request.header("accept").find("text/html") != std::string_view::npos;
}

// Staff know why a link no longer works; whoever has it does not.
serai::Response gone(const serai::Request& request) {
  if (!wants_page(request))
    throw serai::Problem(404, "link_invalid", "This link is not valid any more.");
  const Language& language = own_language(request);
  return empty_page(request, language.words.link_gone, language);
}

serai::Response shown(const serai::Request& request, const Quote& quote, int status = 200) {
  const Content content = content_of(request, quote);
  const Language& language = language_for(request, content.inquiry);
  const auto links = links_of(request, quote);
  if (wants_page(request)) return page(request, quote, content, links, language, status);
  Json record = customer_json(quote, content);
  record["language"] = language.code;
  if (may_become(quote.status, Status::accepted)) record["answer_url"] = links.answer;
  record["pdf_url"] = links.paper;
  return serai::Response::json(serai::data(std::move(record)))
      .with_header("cache-control", "no-store");
}

// 409 in words for the customer.
void require_open(const Quote& quote) {
  if (may_become(quote.status, Status::accepted)) return;
  if (quote.status == Status::expired)
    throw serai::conflict("quote_expired",
                          "This quote is no longer valid; please ask for a new "
                          "one.");
  throw serai::conflict("already_answered",
                        "This quote is " + std::string(name_of(quote.status)) + " already.");
}

// The first look at an offer. One that was handed over by other ways than mail stays `quoted`.
void look(const serai::Request& request, Quote& quote) {
  auto transaction = request.sql().transaction();
  const Quote before = quote;
  if (may_become(quote.status, Status::viewed)) quote.status = Status::viewed;
  quote.viewed_at = request.clock().now_text();
  save(request, before, quote, "viewed");
  if (quote.status == before.status) request.events().publish("quotes.viewed", news_of(quote));
  const auto occasion = "viewed-" + std::to_string(quote.version);
  tell_activity(request, quote, "Quote " + quote.quote_id + " viewed by the customer", occasion);
  notify(request, quote, quote.name + " looks at quote " + quote.quote_id,
         "The customer has opened the quote.", occasion);
  commit(request, transaction);
}

// In the caller's transaction.
void accept(const serai::Request& request, Quote& quote, const Content& content) {
  const Quote before = quote;
  if (request.find_query("option") && !content.options.empty())
    choose(quote, content, request.query_integer("option", 0), "query/option");
  require_choice(quote, content, "query/option");
  follow_content(quote, content, own_currency(request));
  quote.status = Status::accepted;
  quote.accepted_at = request.clock().now_text();
  save(request, before, quote, "accepted");
  if (quote.total_minor != before.total_minor) tell_value(request, quote);
  const auto occasion = "accepted-" + std::to_string(quote.version);
  tell_activity(request, quote, "Quote " + quote.quote_id + " accepted by the customer", occasion);
  notify(request, quote, quote.name + " accepts quote " + quote.quote_id,
         quote.chosen ? "Chosen: " + content.options[static_cast<std::size_t>(*quote.chosen)]
                                         .at("hotel_name")
                                         .get<std::string>()
                      : std::string("The customer has accepted."),
         occasion, "booking_confirmed");
}

// The same.
void decline(const serai::Request& request, Quote& quote) {
  const Quote before = quote;
  quote.status = Status::declined;
  quote.declined_at = request.clock().now_text();
  if (const auto reason = tidy(request.query("reason"), true); !reason.empty())
    quote.decline_reason = reason;
  save(request, before, quote, "declined");
  const auto occasion = "declined-" + std::to_string(quote.version);
  tell_activity(request, quote, "Quote " + quote.quote_id + " declined by the customer", occasion);
  notify(request, quote, quote.name + " declines quote " + quote.quote_id,
         quote.decline_reason.value_or("No reason was given."), occasion);
}

}  // namespace

serai::Response shared(serai::Request& request) {
  auto quote = current(request);
  if (!quote) return gone(request);
  if (!quote->viewed_at && may_become(quote->status, Status::accepted)) look(request, *quote);
  return shown(request, *quote);
}

serai::Response public_pdf(serai::Request& request) {
  const auto quote = find_quote(request);
  const auto paper = quote ? paper_of(request, *quote) : std::string();
  if (paper.empty()) return gone(request);
  const auto& language = language_for(request, content_of(request, *quote).inquiry);
  return serai::Response::from_blob(paper, "application/pdf")
      .with_header("content-disposition",
                   "inline; filename=\"" + file_name(*quote, language) + "\"")
      .with_header("cache-control", "private, no-store");
}

serai::Response answer(serai::Request& request) {
  auto quote = current(request);
  if (!quote) return gone(request);
  const bool yes = request.query("answer") == "accept";
  const Status wanted = yes ? Status::accepted : Status::declined;
  if (quote->status == wanted) return shown(request, *quote);  // the first word counts
  // The page says what the quote is instead.
  if (wants_page(request) && !may_become(quote->status, Status::accepted))
    return shown(request, *quote, 409);
  require_open(*quote);
  const Content content = content_of(request, *quote);
  auto transaction = request.sql().transaction();
  if (yes)
    accept(request, *quote, content);
  else
    decline(request, *quote);
  commit(request, transaction);
  return shown(request, *quote);
}

}  // namespace quotes
