// See the header.
#include "paper.hpp"

#include "money.hpp"
#include "store.hpp"

namespace quotes {
namespace {

using serai::Json;

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string travellers(const Inquiry& asked) {
  std::string text = counted(asked.adults, "adult", "adults");
  if (asked.children_ages.empty()) return text;
  text += ", " +
          counted(static_cast<std::int64_t>(asked.children_ages.size()), "child", "children") +
          " (";
  for (std::size_t i = 0; i < asked.children_ages.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(asked.children_ages[i]);
  return text + ")";
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "4.5", "5".
std::string whole_or_not(const Json& number) {
  std::string text = number.dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// What one alternative's lines cost, and together.
void add_option(Json& content, const Json& option, const std::string& heading) {
  const auto currency = option.at("currency").get<std::string>();
  content.push_back({{"type", "heading"}, {"level", 2}, {"text", heading}});
  content.push_back({{"type", "paragraph"}, {"text", stay_words(option)}, {"muted", true}});
  Json rows = Json::array();
  for (const Json& line : option.at("lines")) {
    std::string what = rule_words(line.at("rule").get<std::string>());
    if (const auto nights = line.value("nights", 0); nights > 0)
      what += ", " + counted(nights, "night", "nights");
    rows.push_back({what, std::to_string(line.at("quantity").get<std::int64_t>()),
                    amount_text(line.at("amount_minor").get<std::int64_t>(), currency)});
  }
  // A row, not a block below: it never stands alone on the next page.
  const auto total = amount_text(option.at("total_minor").get<std::int64_t>(), currency);
  rows.push_back({{"cells", Json::array({"Total", "", total})}, {"strong", true}});
  content.push_back({{"type", "table"},
                     {"columns",
                      {{{"title", "What"}, {"width", 1}},
                       {{"title", "Travellers"}, {"align", "end"}},
                       {{"title", "Amount"}, {"align", "end"}}}},
                     {"rows", rows}});
  for (const Json& missing : option.value("missing", Json::array()))
    content.push_back({{"type", "paragraph"},
                       {"text", "Without " + missing.get<std::string>() +
                                    ": they are not part of "
                                    "this price."},
                       {"small", true}});
  if (const Json exchange = option.value("exchange", Json()); exchange.is_object())
    content.push_back(
        {{"type", "paragraph"},
         {"text", "Converted from " + text_of(exchange, "from") + " at the exchange rate of " +
                      day_words(text_of(exchange, "date")) + "."},
         {"small", true},
         {"muted", true}});
}

void add_items(Json& content, const Content& offer) {
  content.push_back({{"type", "heading"},
                     {"level", 2},
                     {"text", offer.options.empty() ? "What is included" : "Also included"}});
  Json rows = Json::array();
  for (const Json& item : offer.items) {
    std::string what = item.at("name").get<std::string>();
    if (const auto more = text_of(item, "description"); !more.empty()) what += "\n" + more;
    const auto from = text_of(item, "check_in"), to = text_of(item, "check_out");
    if (!from.empty()) what += "\n" + day_words(from) + (to.empty() ? "" : " – " + day_words(to));
    rows.push_back({what, std::to_string(item.at("quantity").get<std::int64_t>()),
                    amount_text(item.at("amount_minor").get<std::int64_t>(),
                                item.at("currency").get<std::string>())});
  }
  content.push_back({{"type", "table"},
                     {"columns",
                      {{{"title", "What"}, {"width", 1}},
                       {{"title", "Quantity"}, {"align", "end"}},
                       {{"title", "Amount"}, {"align", "end"}}}},
                     {"rows", rows}});
  Json lines = Json::array();
  for (const auto& [currency, amount] : totals_of_items(offer.items))
    lines.push_back(
        {{"label", "Total"}, {"value", amount_text(amount, currency)}, {"strong", true}});
  content.push_back({{"type", "totals"}, {"lines", lines}});
}

Json facts(const Quote& quote, const Content& offer, const std::string& valid_until) {
  Json items = Json::array();
  const auto add = [&](const char* label, const std::string& value) {
    if (!value.empty()) items.push_back({{"label", label}, {"value", value}});
  };
  add("Prepared for", quote.name);
  add("Quote", quote.quote_id);
  add("Arrival", day_words(quote.check_in));
  add("Departure", day_words(quote.check_out));
  add("Nights", std::to_string(quote.nights));
  add("Travellers", travellers(offer.inquiry));
  add("Valid", valid_until);
  add("Your consultant", quote.consultant_name.value_or(""));
  return {{"type", "fields"}, {"columns", 2}, {"items", items}};
}

std::string assumptions(const Content& offer) {
  std::string text;
  for (const std::string& one : offer.inquiry.assumed) {
    if (one == "check_in" || one == "year")
      text += "You named no day of arrival that lies ahead, so we took " +
              day_words(offer.inquiry.check_in) + ". ";
    if (one == "children_ages") text += "We do not know all the children's ages and took 8 years. ";
    if (one == "hotels") text += "The hotel you asked for is not available; these are others. ";
  }
  return text;
}

}  // namespace

std::string rule_words(std::string_view rule) {
  if (rule == "adult_sharing") return "Adult, sharing a room";
  if (rule == "adult_single" || rule == "single_as_sharing") return "Adult, single room";
  if (rule == "child" || rule == "child_as_sharing") return "Child";
  if (rule == "infant") return "Infant";
  if (rule == "flight_adult") return "Flight, adult";
  if (rule == "flight_child") return "Flight, child";
  if (rule == "transfer_adult") return "Transfer, adult";
  if (rule == "transfer_child") return "Transfer, child";
  return std::string(rule);
}

std::string board_words(std::string_view board) {
  if (board == "RO") return "room only";
  if (board == "SC") return "self-catering";
  if (board == "BB") return "bed and breakfast";
  if (board == "HB") return "half board";
  if (board == "FB") return "full board";
  if (board == "AI") return "all inclusive";
  return std::string(board);
}

std::string stay_words(const Json& option) {
  std::string text = text_of(option, "room_type");
  if (const auto board = text_of(option, "meal_plan"); !board.empty())
    text += (text.empty() ? "" : ", ") + board_words(board);
  if (const auto nights = option.value("nights", Json()); nights.is_number_integer())
    text += (text.empty() ? "" : ", ") + counted(nights.get<std::int64_t>(), "night", "nights");
  if (const auto stars = option.value("star_rating", Json()); stars.is_number())
    text += ", " + whole_or_not(stars) + " stars";
  return text;
}

Json paper_document(const Quote& quote, const Content& offer, const Json& brand,
                    const std::string& date, const std::string& valid_until,
                    const std::string& link, const std::string& language) {
  Json content = Json::array();
  content.push_back({{"type", "heading"},
                     {"text", quote.destination ? "Your journey to " + *quote.destination
                                                : std::string("Your journey")}});
  content.push_back(facts(quote, offer, valid_until));
  if (const auto text = assumptions(offer); !text.empty())
    content.push_back({{"type", "paragraph"}, {"text", text}, {"muted", true}});
  const bool several = offer.options.size() > 1;
  if (several)
    content.push_back({{"type", "paragraph"},
                       {"text", "These are alternatives; you pay for the one you choose."}});
  if (!link.empty())
    content.push_back({{"type", "paragraph"},
                       {"text", Json::array({Json{{"text", "View and accept this quote online"},
                                                  {"link", link}}})}});
  for (std::size_t i = 0; i < offer.options.size(); ++i) {
    const auto name = offer.options[i].at("hotel_name").get<std::string>();
    add_option(content, offer.options[i],
               several ? "Option " + std::to_string(i + 1) + ": " + name : name);
  }
  if (!offer.items.empty()) add_items(content, offer);
  if (offer.options.empty() && offer.items.empty())
    content.push_back({{"type", "paragraph"}, {"text", "This draft has no price yet."}});
  if (!offer.options.empty() && !offer.items.empty() && quote.total_minor)
    content.push_back({{"type", "totals"},
                       {"lines",
                        {{{"label", quote.is_from ? "All together, from" : "All together"},
                          {"value", amount_text(*quote.total_minor, quote.currency)},
                          {"strong", true}}}}});
  if (quote.status == Status::draft)
    content.push_back({{"type", "paragraph"}, {"text", "Draft, not an offer."}, {"strong", true}});
  return {{"title", "Quote " + quote.quote_id},
          {"language", language},
          {"date", date},
          {"brand", brand},
          {"content", content}};
}

std::string_view render(const serai::Call& call, const Quote& quote, const Content& content,
                        const std::string& link) {
  const auto config = call.config();
  Json brand = Json::object();
  if (const auto name = config.text("company_name"); !name.empty()) brand["name"] = name;
  if (const auto logo = config.text("logo"); !logo.empty()) brand["logo"] = {{"data", logo}};
  const auto document = paper_document(quote, content, brand, day_text(today(call)),
                                       until_words(call, quote), link, config.text("language"));
  try {
    return call.services().call_raw("pdf.render/1", serai::dump_json(document));
  } catch (const serai::Problem& problem) {
    // Of all that stands in the document only the logo comes from outside unchecked.
    if (problem.status == 422 && brand.contains("logo"))
      throw serai::Problem(503, "setting_invalid",
                           "The PDF could not be made: is the setting `logo` a PNG or JPEG in "
                           "base64?");
    throw;
  }
}

std::string until_words(const serai::Call& call, const Quote& quote) {
  const auto end = parse_time(quote.expires_at);
  if (!end) return {};
  const auto local = zone_of(call).local(*end);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto minutes = (local - day).count();
  // Midnight is the end of the day before.
  if (minutes == 0)
    return "until " + day_words(day_text(Day(day.time_since_epoch()) - std::chrono::days(1)));
  char hour[32];
  (void)std::snprintf(hour, sizeof hour, ", %02d:%02d", static_cast<int>(minutes / 60),
                      static_cast<int>(minutes % 60));
  return "until " + day_words(day_text(Day(day.time_since_epoch()))) + hour;
}

}  // namespace quotes
