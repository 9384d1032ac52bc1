// See the header.
#include "generate.hpp"

#include "making.hpp"
#include "money.hpp"
#include "store.hpp"
#include "text.hpp"
#include "words/words.hpp"

namespace quotes {
namespace {

using serai::Json;

constexpr std::size_t kLongestKey = 200;

Text text_or_none(const serai::Request& request, const char* name) {
  const auto text = tidy(request.field(name, ""));
  return text.empty() ? Text() : Text(text);
}

Order order_of(const serai::Request& request) {
  Order order;
  order.mail = request.field("send_email", true);
  order.assign = request.field("assign_consultant", true);
  order.draft = request.field("save_as_draft", false);
  order.ticket_id = text_or_none(request, "ticket_id");
  if (order.ticket_id) order.source = "email";
  order.valid_until = request.field("valid_until", "");
  if (const auto key = text_or_none(request, "idempotency_key")) order.key = "user:" + *key;
  return order;
}

Json consultant_of(const Quote& quote) {
  if (!quote.consultant_id) return nullptr;
  return {{"id", *quote.consultant_id}, {"name", quote.consultant_name.value_or("")}};
}

Json answer_of(const serai::Request& request, const Made& made) {
  const Quote& quote = made.quote;
  Json answer{{"success", true},
              {"quote_id", quote.quote_id},
              {"quote", to_json(quote, made.content)},
              {"hotels_count", made.content.options.size()},
              {"email_sent", quote.email_sent_at.has_value()},
              {"email_error", made.mail_error.empty() ? Json() : Json(made.mail_error)},
              {"consultant", consultant_of(quote)},
              {"status", name_of(quote.status)},
              {"crm_added", made.in_crm},
              {"call_queued", quote.follow_up_at.has_value() && quote.phone.has_value()}};
  if (request.json().contains("ticket_id")) answer["ticket_resolved"] = false;
  return answer;
}

}  // namespace

Json generate(serai::Request& request) {
  Order order = order_of(request);
  Json asked = request.json().at("inquiry");
  if (const auto hotels = request.find_field<Json>("selected_hotels"); hotels && !hotels->empty())
    asked["selected_hotels"] = *hotels;
  order.content.inquiry = read_inquiry(asked, today(request), {});
  const Made made = make_quote(request, std::move(order));
  Json answer = answer_of(request, made);
  answer["unpriced"] = made.content.unpriced.empty() ? Json() : Json(made.content.unpriced);
  return answer;
}

Json create_with_items(serai::Request& request) {
  Order order = order_of(request);
  order.stays = false;
  if (!order.ticket_id) order.source = "cart";
  order.content.inquiry =
      read_inquiry(request.json().at("inquiry"), today(request), {.email = true, .place = false});
  order.content.items = read_items(request.json().at("line_items"), own_currency(request),
                                   std::string(request.caller().user));
  if (order.content.items.empty())
    throw serai::invalid_field("/line_items", "At least one item is needed.");
  const Made made = make_quote(request, std::move(order));
  Json answer = answer_of(request, made);
  answer["items_count"] = made.content.items.size();
  answer["totals"] = totals_json(made.content);
  answer["is_draft"] = made.quote.status == Status::draft;
  return answer;
}

Json request_service(serai::ServiceCall& call) {
  // A person needs the permission; a job or event acts for the tenant.
  if (!call.caller().user.empty()) call.require("quotes.write");
  const auto mode = call.field("mode", "draft");
  if (mode != "draft" && mode != "send")
    throw serai::invalid_field("/mode", "This must be draft or send.");
  Order order;
  order.key = call.field<std::string>("idempotency_key");
  if (order.key.empty() || order.key.size() > kLongestKey)
    throw serai::invalid_field("/idempotency_key", "This must have 1 to 200 bytes.");
  order.key.insert(0, "service:");
  Json asked = call.json();
  const auto customer = call.field<Json>("customer");
  if (!customer.is_object())
    throw serai::invalid_field("/customer", "This must be an object with name and email.");
  for (const char* name : {"name", "email", "phone"}) asked[name] = customer.value(name, Json());
  if (!asked["name"].is_string() || tidy(asked["name"].get<std::string>()).empty())
    asked["name"] = asked["email"].is_string() ? asked["email"] : Json("Customer");
  // What another plugin took for the customer's language and nobody here writes is no reason to
  // refuse the quote.
  if (const auto& language = asked["language"];
      !language.is_string() || find_language(language.get_ref<const std::string&>()) == nullptr)
    asked.erase("language");
  order.content.inquiry = read_inquiry(asked, today(call), {.email = false, .place = false});
  if (const auto source = call.find_field<Json>("source"); source && source->is_object()) {
    if (const auto kind = source->find("kind"); kind != source->end() && kind->is_string())
      order.source = tidy(kind->get<std::string>()).substr(0, 40);
    if (const auto ticket = source->find("ticket"); ticket != source->end() && ticket->is_string())
      order.ticket_id = tidy(ticket->get<std::string>());
  }
  order.draft = mode == "draft";
  order.lenient = true;
  const Made made = make_quote(call, std::move(order));
  const Quote& quote = made.quote;
  Json total;
  if (quote.total_minor) total = {{"amount", *quote.total_minor}, {"currency", quote.currency}};
  return {{"quote_id", quote.id},
          {"quote_number", quote.quote_id},
          {"status", quote.status == Status::draft ? "draft" : "sent"},
          {"total", std::move(total)},
          {"unpriced", made.unfit.empty() ? Json() : Json(made.unfit)}};
}

}  // namespace quotes
