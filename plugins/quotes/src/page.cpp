// See the header.
#include "page.hpp"

#include "money.hpp"
#include "paper.hpp"
#include "text.hpp"

namespace quotes {
namespace {

using serai::Json;

// Nothing runs and nothing is fetched; forms go to us alone, and nobody frames the page.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

constexpr const char* kStyle =
    "body{font-family:sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#222}"
    "h1{font-size:1.5em}section{border:1px solid #ccc;border-radius:6px;padding:1em;margin:1em 0}"
    "h2{margin:0 0 .3em;font-size:1.15em}.price{font-size:1.2em;font-weight:bold}"
    "button{font-size:1em;padding:.5em 1.2em;border:0;border-radius:4px;background:#1f4e79;"
    "color:#fff;cursor:pointer}.quiet{background:#777}form{display:inline-block;margin-top:.6em}";

std::string form(const std::string& address, const std::string& query, const std::string& label,
                 const char* kind) {
  return "<form method=\"post\" action=\"" + escaped(address + query) + "\"><button class=\"" +
         kind + "\">" + escaped(label) + "</button></form>";
}

std::string state_words(const Quote& quote) {
  switch (quote.status) {
    case Status::accepted:
      return "You have accepted this quote. Thank you; we will be in touch.";
    case Status::converted:
      return "You have accepted this quote; it is being booked.";
    case Status::declined:
      return "You have declined this quote.";
    case Status::expired:
      return "This quote is no longer valid. Please ask us for a new one.";
    default:
      return {};
  }
}

std::int64_t minor(const Json& object, const char* name) {
  return object.at(name).get<std::int64_t>();
}

}  // namespace

CustomerLinks links_of(const serai::Call& call, const Quote& quote) {
  const auto until = parse_time(quote.share_expires_at.value_or(""));
  const auto links = call.links();
  CustomerLinks made;
  made.answer = links.make("answer", *quote.share_id, until);
  made.paper = links.make("public_pdf", *quote.share_id, until);
  return made;
}

Json customer_json(const Quote& quote, const Content& content) {
  Json hotels = Json::array();
  for (const Json& hotel : hotels_json(content))
    hotels.push_back({{"name", hotel["name"]},
                      {"room_type", hotel["room_type"]},
                      {"meal_plan", hotel["meal_plan"]},
                      {"star_rating", hotel["star_rating"]},
                      {"nights", hotel["nights"]},
                      {"total_price", hotel["total_price"]},
                      {"currency", hotel["currency"]},
                      {"missing", hotel["missing"]}});
  Json items = Json::array();
  for (const Json& item : items_json(content))
    items.push_back({{"type", item["type"]},
                     {"name", item["name"]},
                     {"description", item["description"]},
                     {"quantity", item["quantity"]},
                     {"amount", item["amount"]},
                     {"currency", item["currency"]}});
  const Json record = to_json(quote);
  Json shown{{"hotels", std::move(hotels)},
             {"line_items", std::move(items)},
             {"totals_by_currency", totals_json(content)}};
  for (const char* name :
       {"quote_id", "status", "customer_name", "destination", "check_in", "check_out", "nights",
        "adults", "children", "total_price", "currency", "chosen_option", "expires_at"})
    shown[name] = record.at(name);
  shown["total_is_from"] = quote.is_from;
  return shown;
}

serai::Response page(const serai::Call& call, const Quote& quote, const Content& content,
                     const CustomerLinks& links) {
  const bool open = may_become(quote.status, Status::accepted);
  const bool several = content.options.size() > 1;
  const auto title = "Quote " + quote.quote_id;
  std::string html =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
      escaped(title) + "</title><style>" + kStyle + "</style></head><body>";
  if (const auto company = call.config().text("company_name"); !company.empty())
    html += "<p>" + escaped(company) + "</p>";
  html += "<h1>" + escaped(title) +
          (quote.destination ? ": " + escaped(*quote.destination) : std::string()) + "</h1><p>" +
          escaped("For " + quote.name + ", " + day_words(quote.check_in) + " to " +
                  day_words(quote.check_out) + ".") +
          (open ? " Valid " + escaped(until_words(call, quote)) + "." : std::string()) + "</p>";
  if (const auto words = state_words(quote); !words.empty())
    html += "<p><b>" + escaped(words) + "</b></p>";
  for (std::size_t i = 0; i < content.options.size(); ++i) {
    const Json& option = content.options[i];
    const bool chosen = quote.chosen && *quote.chosen == static_cast<std::int64_t>(i);
    html += "<section><h2>" + escaped(option.at("hotel_name").get<std::string>()) +
            (chosen && !open ? " (your choice)" : "") + "</h2><p>" + escaped(stay_words(option)) +
            "</p><p class=\"price\">" +
            escaped(amount_text(minor(option, "total_minor"),
                                option.at("currency").get<std::string>())) +
            "</p>";
    for (const Json& missing : option.value("missing", Json::array()))
      html += "<p>" + escaped("Without " + missing.get<std::string>() + ".") + "</p>";
    if (open && several)
      html += form(links.answer, "?answer=accept&option=" + std::to_string(i),
                   "Choose this and accept", "loud");
    html += "</section>";
  }
  if (!content.items.empty()) {
    html += "<section><h2>" +
            std::string(content.options.empty() ? "What is included" : "Also included") +
            "</h2><ul>";
    for (const Json& item : content.items)
      html += "<li>" +
              escaped(std::to_string(minor(item, "quantity")) + " x " +
                      item.at("name").get<std::string>() + ": " +
                      amount_text(minor(item, "amount_minor"),
                                  item.at("currency").get<std::string>())) +
              "</li>";
    html += "</ul></section>";
  }
  if (quote.total_minor)
    html += "<p class=\"price\">" +
            escaped((quote.is_from ? "From " : "Total ") +
                    amount_text(*quote.total_minor, quote.currency)) +
            "</p>";
  html += "<p><a href=\"" + escaped(links.paper) + "\">The quote as PDF</a></p>";
  if (open) {
    if (!several) html += form(links.answer, "?answer=accept", "Accept", "loud") + " ";
    html += form(links.answer, "?answer=decline", "Decline", "quiet");
  }
  html += "</body></html>";
  return serai::Response::html(std::move(html))
      .with_header("content-security-policy", kPolicy)
      .with_header("cache-control", "no-store")
      .with_header("referrer-policy", "no-referrer");
}

}  // namespace quotes
