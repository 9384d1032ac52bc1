// See the header.
#include "desk.hpp"

#include <algorithm>
#include <iterator>

#include "paper.hpp"
#include "partners.hpp"
#include "sending.hpp"
#include "store.hpp"
#include "text.hpp"

namespace quotes {
namespace {

using serai::Json;

Json one(const serai::Call& call, const Quote& quote) {
  return serai::data(to_json(quote, content_of(call, quote)));
}

// What of an inquiry a body may change; anything else of the quote is not edited.
constexpr const char* kAsked[] = {"name",           "email",         "phone",     "destination",
                                  "hotels",         "check_in",      "check_out", "nights",
                                  "adults",         "children_ages", "rooms",     "with_flights",
                                  "with_transfers", "budget",        "message",   "language"};
// And of these, what prices follow from.
constexpr const char* kPriced[] = {"destination",  "hotels",        "check_in",      "check_out",
                                   "nights",       "adults",        "children_ages", "rooms",
                                   "with_flights", "with_transfers"};

// The inquiry with the body's members in the place of its own. True: the prices are old.
bool change_inquiry(const serai::Request& request, Content& content) {
  const Json& body = request.json();
  Json asked = to_json(content.inquiry);
  const auto assumed = content.inquiry.assumed;
  if (asked["rooms"] == 0) asked["rooms"] = nullptr;
  // Of the three that say how long, those that were sent decide.
  if (body.contains("check_in") || body.contains("nights")) asked.erase("check_out");
  if (body.contains("check_out")) asked.erase("nights");
  for (const char* name : kAsked)
    if (const auto given = body.find(name); given != body.end()) asked[name] = *given;
  for (const char* name : {"name", "email", "phone"})
    if (const auto given = body.find(std::string("customer_") + name); given != body.end())
      asked[name] = *given;
  const Inquiry before = content.inquiry;
  content.inquiry = read_inquiry(asked, today(request), {.email = false, .place = false});
  for (const auto& one : assumed)
    if (!body.contains(one) && !(one == "year" && body.contains("check_in")))
      content.inquiry.assumed.push_back(one);
  const Json old = to_json(before), now = to_json(content.inquiry);
  return std::any_of(std::begin(kPriced), std::end(kPriced),
                     [&](const char* name) { return old.at(name) != now.at(name); });
}

// Alternatives in the order of the list, the others left out.
void keep_options(const Json& kept, Content& content) {
  Json options = Json::array();
  for (const Json& index : kept) {
    if (!index.is_number_integer() || index < 0 || index >= content.options.size())
      throw serai::invalid_field("/keep_options", "There is no such option.");
    options.push_back(content.options[index.get<std::size_t>()]);
  }
  content.options = std::move(options);
}

}  // namespace

Json show_quote(serai::Request& request) {
  return one(request, required_quote(request, request.path("id")));
}

Json edit_quote(serai::Request& request) {
  const Json& body = request.json();
  Quote quote = required_quote(request, request.path("id"));
  if (!is_editable(quote.status))
    throw serai::conflict("not_a_draft", "The quote is " + std::string(name_of(quote.status)) +
                                             "; only a draft is edited.");
  const Quote before = quote;
  Content content = content_of(request, quote);
  const bool cart = content.options.empty() && !content.items.empty();
  const bool stale = change_inquiry(request, content);
  const bool asked = request.field("reprice", false);
  if (asked || (stale && !cart)) {
    price(request, content);
    quote.chosen.reset();
  }
  if (const auto kept = body.find("keep_options"); kept != body.end()) {
    keep_options(*kept, content);
    quote.chosen.reset();
  }
  if (const auto items = body.find("line_items"); items != body.end())
    content.items = read_items(*items, own_currency(request), std::string(request.caller().user));
  if (body.contains("chosen_option")) {
    quote.chosen.reset();
    if (!body["chosen_option"].is_null())
      choose(quote, content, body["chosen_option"].get<std::int64_t>(), "/chosen_option");
  }
  if (const auto until = request.find_field<std::string>("valid_until"))
    quote.expires_at = expiry(request, *until);
  auto transaction = request.sql().transaction();
  add_version(request, quote, content, asked || stale ? "repriced" : "edited");
  if (quote.email != before.email) meet_client(request, quote);
  save(request, before, quote, "edited");
  commit(request, transaction);
  return one(request, quote);
}

Json set_status(serai::Request& request) {
  const auto to = status_of(request.field<std::string>("status"));
  if (!to) throw serai::invalid_field("/status", "There is no such status.");
  auto transaction = request.sql().transaction();
  Quote quote = required_quote(request, request.path("id"));
  const Quote before = quote;
  const Content content = content_of(request, quote);
  if (*to == Status::accepted) {
    if (const auto option = request.find_field<std::int64_t>("option"))
      choose(quote, content, *option, "/option");
    require_choice(quote, content, "/option");
    follow_content(quote, content, own_currency(request));
  }
  if (*to == Status::quoted) {
    if (!may_become(quote.status, *to))
      throw serai::conflict(
          "status_not_allowed",
          "A quote that is " + std::string(name_of(quote.status)) + " cannot become quoted.");
    if (before.status != Status::draft) {  // offered anew
      add_version(request, quote, content, "reopened");
      quote.viewed_at = quote.declined_at = quote.expired_at = quote.decline_reason = std::nullopt;
      save(request, before, quote, "reopened");
    }
    issue(request, quote, content);
  } else {
    quote.status = *to;
    const std::string now = request.clock().now_text();
    if (*to == Status::accepted) quote.accepted_at = now;
    if (*to == Status::declined) quote.declined_at = now;
    if (*to == Status::expired) quote.expired_at = now;
    if (const auto reason = request.find_field<std::string>("reason"))
      quote.decline_reason = tidy(*reason).substr(0, 1000);
    save(request, before, quote, "set");
    if (quote.total_minor != before.total_minor) tell_value(request, quote);
  }
  tell_activity(
      request, quote, "Quote " + quote.quote_id + " is " + std::string(name_of(quote.status)),
      "status-" + std::string(name_of(quote.status)) + "-" + std::to_string(quote.version));
  commit(request, transaction);
  return one(request, quote);
}

Json send_quote(serai::Request& request) {
  auto transaction = request.sql().transaction();
  Quote quote = required_quote(request, request.path("id"));
  const Content content = content_of(request, quote);
  if (quote.status != Status::draft && quote.status != Status::quoted)
    throw serai::conflict("status_not_allowed", "The quote is " +
                                                    std::string(name_of(quote.status)) +
                                                    "; only one that was not sent is sent.");
  if (quote.status == Status::draft) issue(request, quote, content);
  send_mail(request, quote, content);
  commit(request, transaction);
  return {{"success", true},
          {"quote_id", quote.quote_id},
          {"status", name_of(quote.status)},
          {"email_sent", true},
          {"email_sent_at", *quote.email_sent_at},
          {"message", "The quote is on its way to " + quote.email + "."}};
}

Json resend_quote(serai::Request& request) {
  auto transaction = request.sql().transaction();
  Quote quote = required_quote(request, request.path("id"));
  const bool open = quote.status == Status::quoted || quote.status == Status::sent ||
                    quote.status == Status::viewed || quote.status == Status::accepted;
  if (!open)
    throw serai::conflict("status_not_allowed", "The quote is " +
                                                    std::string(name_of(quote.status)) +
                                                    "; what is not on offer is not mailed again.");
  send_mail(request, quote, content_of(request, quote));
  commit(request, transaction);
  return {{"success", true},
          {"quote_id", quote.quote_id},
          {"email_sent", true},
          {"email_sent_at", *quote.email_sent_at},
          {"message", "The quote is on its way to " + quote.email + " once more."}};
}

serai::Response quote_pdf(serai::Request& request) {
  const Quote quote = required_quote(request, request.path("id"));
  const auto paper = paper_of(request, quote);
  auto answer = paper.empty()
                    ? serai::Response::bytes(
                          "application/pdf",
                          std::string(render(request, quote, content_of(request, quote), "")))
                    : serai::Response::from_blob(paper, "application/pdf");
  return std::move(answer).with_header("content-disposition",
                                       "attachment; filename=\"Quote_" + quote.quote_id + ".pdf\"");
}

serai::Response share_quote(serai::Request& request) {
  auto transaction = request.sql().transaction();
  Quote quote = required_quote(request, request.path("id"));
  if (quote.status == Status::draft || quote.status == Status::cancelled)
    throw serai::conflict("not_on_offer", "The quote is " + std::string(name_of(quote.status)) +
                                              "; there is nothing to share.");
  if (!quote.share_id || request.query_boolean("renew", false)) {
    const Quote before = quote;
    quote.share_id = request.clock().uuid();
    save(request, before, quote, "shared");
  }
  const auto page = page_link(request, quote), paper = paper_link(request, quote);
  transaction.commit();
  return serai::created(
      {{"url", page}, {"pdf_url", paper}, {"expires_at", quote.share_expires_at.value_or("")}});
}

Json followed_up(serai::Request& request) {
  auto transaction = request.sql().transaction();
  Quote quote = required_quote(request, request.path("id"));
  const Quote before = quote;
  quote.follow_up_at.reset();
  save(request, before, quote, "followed_up");
  tell_activity(request, quote, "Followed up on quote " + quote.quote_id,
                "followed-up-" + request.clock().now_text());
  transaction.commit();
  return {{"message", "The follow-up is done."}};
}

Json quote_versions(serai::Request& request) {
  const Quote quote = required_quote(request, request.path("id"));
  const auto rows = request.sql().query(
      "SELECT version, cause, content, total_minor, currency, user_id, created_at, pdf "
      "FROM quotes_versions WHERE quote = $1 ORDER BY version DESC LIMIT 100",
      quote.id);
  Json items = Json::array();
  for (const auto row : rows) {
    const Content content = content_of(row.json(2));
    Json total;
    if (!row.is_null(3)) total = {{"amount", row.integer(3)}, {"currency", row.text(4)}};
    items.push_back({{"version", row.integer(0)},
                     {"cause", row.text(1)},
                     {"total", std::move(total)},
                     {"inquiry", to_json(content.inquiry)},
                     {"hotels", hotels_json(content)},
                     {"line_items", items_json(content)},
                     {"user_id", row.text(5)},
                     {"created_at", row.text(6)},
                     {"has_pdf", !row.is_null(7)}});
  }
  return serai::list(std::move(items));
}

Json quote_history(serai::Request& request) {
  const Quote quote = required_quote(request, request.path("id"));
  return serai::list(
      request.sql()
          .query("SELECT from_status, to_status, cause, user_id, changed_at FROM quotes_changes "
                 "WHERE quote = $1 ORDER BY changed_at DESC, id DESC LIMIT 200",
                 quote.id)
          .json());
}

}  // namespace quotes
