// See the header.
#include "page.hpp"

#include "money.hpp"
#include "phrases.hpp"
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

std::string form(const std::string& address, const std::string& query, std::string_view label,
                 const char* kind) {
  return "<form method=\"post\" action=\"" + escaped(address + query) + "\"><button class=\"" +
         kind + "\">" + escaped(label) + "</button></form>";
}

std::string_view state_words(const Quote& quote, const Words& words) {
  switch (quote.status) {
    case Status::accepted:
      return words.accepted;
    case Status::converted:
      return words.being_booked;
    case Status::declined:
      return words.declined;
    case Status::expired:
      return words.expired;
    default:
      return {};
  }
}

std::int64_t minor(const Json& object, const char* name) {
  return object.at(name).get<std::int64_t>();
}

std::string paragraph(std::string_view text, const char* kind = "") {
  return "<p" + std::string(kind) + ">" + escaped(text) + "</p>";
}

constexpr const char* kPrice = " class=\"price\"";

std::string begun(const serai::Call& call, std::string_view title, const Language& language) {
  std::string html = "<!DOCTYPE html><html lang=\"" + std::string(language.code) +
                     "\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
                     escaped(title) + "</title><style>" + kStyle + "</style></head><body>";
  if (const auto company = call.config().text("company_name"); !company.empty())
    html += paragraph(company);
  return html;
}

serai::Response ended(std::string html, int status) {
  html += "</body></html>";
  return serai::Response::html(std::move(html), status)
      .with_header("content-security-policy", kPolicy)
      .with_header("cache-control", "no-store")
      .with_header("referrer-policy", "no-referrer");
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
                     const CustomerLinks& links, const Language& language, int status) {
  const Words& words = language.words;
  const auto amount = [&](std::int64_t minor, const Json& currency) {
    return amount_text(minor, currency.get_ref<const std::string&>(), language.forms);
  };
  const bool open = may_become(quote.status, Status::accepted);
  const bool several = content.options.size() > 1;
  const auto title = fill(words.quote, {{"number", quote.quote_id}});
  std::string html = begun(call, title, language);
  html += "<h1>" +
          escaped(title + (quote.destination ? std::string(words.colon) + " " + *quote.destination
                                             : std::string())) +
          "</h1>";
  std::string whose =
      fill(words.for_customer, {{"name", quote.name}, {"period", period_words(quote, language)}});
  if (open) whose += " " + fill(words.valid_until, {{"until", until_words(call, quote, language)}});
  html += paragraph(whose);
  if (const auto state = state_words(quote, words); !state.empty())
    html += "<p><b>" + escaped(state) + "</b></p>";
  for (std::size_t i = 0; i < content.options.size(); ++i) {
    const Json& option = content.options[i];
    const bool chosen = quote.chosen && *quote.chosen == static_cast<std::int64_t>(i);
    auto name = option.at("hotel_name").get<std::string>();
    if (chosen && !open) name += " (" + std::string(words.your_choice) + ")";
    html += "<section><h2>" + escaped(name) + "</h2>" + paragraph(stay_words(option, language)) +
            paragraph(amount(minor(option, "total_minor"), option.at("currency")), kPrice);
    for (const std::string& sentence : missing_words(option, words)) html += paragraph(sentence);
    if (open && several)
      html +=
          form(links.answer, "?answer=accept&option=" + std::to_string(i), words.choose, "loud");
    html += "</section>";
  }
  if (!content.items.empty()) {
    html += "<section><h2>" +
            escaped(content.options.empty() ? words.included : words.also_included) + "</h2><ul>";
    for (const Json& item : content.items)
      html += "<li>" +
              escaped(std::to_string(minor(item, "quantity")) + " × " +
                      item.at("name").get<std::string>() + std::string(words.colon) + " " +
                      amount(minor(item, "amount_minor"), item.at("currency"))) +
              "</li>";
    html += "</ul></section>";
  }
  if (quote.total_minor)
    html += paragraph(
        std::string(total_words(quote, words)) + " " + amount(*quote.total_minor, quote.currency),
        kPrice);
  html += "<p><a href=\"" + escaped(links.paper) + "\">" + escaped(words.as_pdf) + "</a></p>";
  if (open) {
    if (!several) html += form(links.answer, "?answer=accept", words.accept, "loud") + " ";
    html += form(links.answer, "?answer=decline", words.decline, "quiet");
  }
  return ended(std::move(html), status);
}

serai::Response empty_page(const serai::Call& call, std::string_view sentence,
                           const Language& language) {
  return ended(begun(call, sentence, language) + paragraph(sentence), 404);
}

}  // namespace quotes
