// See the header.
#include "paper.hpp"

#include "language.hpp"
#include "money.hpp"
#include "phrases.hpp"
#include "store.hpp"

namespace quotes {
namespace {

using serai::Json;

std::string travellers(const Inquiry& asked, const Language& language) {
  std::string text = counted(asked.adults, language.words.adults, language.forms);
  if (asked.children_ages.empty()) return text;
  text += ", " +
          counted(static_cast<std::int64_t>(asked.children_ages.size()), language.words.children,
                  language.forms) +
          " (";
  for (std::size_t i = 0; i < asked.children_ages.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(asked.children_ages[i]);
  return text + ")";
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json table_of(std::string_view what, std::string_view count, std::string_view amount, Json rows) {
  return {{"type", "table"},
          {"columns",
           {{{"title", what}, {"width", 1}},
            {{"title", count}, {"align", "end"}},
            {{"title", amount}, {"align", "end"}}}},
          {"rows", std::move(rows)}};
}

// The quote as it is put on paper, block after block.
class Paper {
 public:
  Paper(const Quote& quote, const Content& offer, const Language& language)
      : quote_(quote), offer_(offer), words_(language.words), language_(language) {}

  Json content(const std::string& valid_until, const std::string& link) {
    heading(quote_.destination ? fill(words_.journey_to, {{"place", *quote_.destination}})
                               : std::string(words_.journey),
            1);
    facts(valid_until);
    if (const auto text = assumptions(); !text.empty()) paragraph(text, {{"muted", true}});
    const bool several = offer_.options.size() > 1;
    if (several) paragraph(words_.alternatives);
    if (!link.empty()) paragraph(Json::array({Json{{"text", words_.view_online}, {"link", link}}}));
    for (std::size_t i = 0; i < offer_.options.size(); ++i) {
      const auto name = offer_.options[i].at("hotel_name").get<std::string>();
      option(offer_.options[i],
             several ? fill(words_.option, {{"number", std::to_string(i + 1)}, {"hotel", name}})
                     : name);
    }
    if (!offer_.items.empty()) items();
    if (offer_.options.empty() && offer_.items.empty()) paragraph(words_.no_price);
    if (!offer_.options.empty() && !offer_.items.empty() && quote_.total_minor)
      total(quote_.is_from ? words_.all_together_from : words_.all_together,
            amount(*quote_.total_minor, quote_.currency));
    if (quote_.status == Status::draft) paragraph(words_.draft, {{"strong", true}});
    return std::move(blocks_);
  }

 private:
  std::string day(std::string_view day) const { return day_words(day, language_.forms); }
  std::string amount(std::int64_t minor, std::string_view currency) const {
    return amount_text(minor, currency, language_.forms);
  }
  std::string count(std::int64_t count, const Plural& words) const {
    return counted(count, words, language_.forms);
  }

  void heading(const std::string& text, int level) {
    blocks_.push_back({{"type", "heading"}, {"level", level}, {"text", text}});
  }
  void paragraph(Json text, const Json& more = Json::object()) {
    Json block{{"type", "paragraph"}, {"text", std::move(text)}};
    block.update(more);
    blocks_.push_back(std::move(block));
  }
  void total(std::string_view label, const std::string& value) {
    blocks_.push_back(
        {{"type", "totals"}, {"lines", {{{"label", label}, {"value", value}, {"strong", true}}}}});
  }

  void facts(const std::string& valid_until) {
    Json items = Json::array();
    const auto add = [&](std::string_view label, const std::string& value) {
      if (!value.empty()) items.push_back({{"label", label}, {"value", value}});
    };
    add(words_.prepared_for, quote_.name);
    add(words_.number_label, quote_.quote_id);
    add(words_.arrival, day(quote_.check_in));
    add(words_.departure, day(quote_.check_out));
    add(words_.nights_label, std::to_string(quote_.nights));
    add(words_.travellers, travellers(offer_.inquiry, language_));
    add(words_.valid, valid_until);
    add(words_.consultant, quote_.consultant_name.value_or(""));
    blocks_.push_back({{"type", "fields"}, {"columns", 2}, {"items", items}});
  }

  std::string assumptions() const {
    std::string text;
    const auto say = [&](std::string_view sentence) {
      text += (text.empty() ? "" : " ");
      text += sentence;
    };
    for (const std::string& one : offer_.inquiry.assumed) {
      if (one == "check_in" || one == "year")
        say(fill(words_.assumed_arrival, {{"day", day(offer_.inquiry.check_in)}}));
      if (one == "children_ages") say(words_.assumed_ages);
      if (one == "hotels") say(words_.other_hotels);
    }
    return text;
  }

  // What one alternative's lines cost, and together.
  void option(const Json& option, const std::string& title) {
    const auto currency = option.at("currency").get<std::string>();
    heading(title, 2);
    paragraph(stay_words(option, language_), {{"muted", true}});
    Json rows = Json::array();
    for (const Json& line : option.at("lines")) {
      std::string what(rule_words(line.at("rule").get<std::string>(), words_));
      if (const auto nights = line.value("nights", 0); nights > 0)
        what += ", " + count(nights, words_.nights);
      rows.push_back({what, std::to_string(line.at("quantity").get<std::int64_t>()),
                      amount(line.at("amount_minor").get<std::int64_t>(), currency)});
    }
    // A row, not a block below: it never stands alone on the next page.
    const auto sum = amount(option.at("total_minor").get<std::int64_t>(), currency);
    rows.push_back({{"cells", Json::array({words_.total, "", sum})}, {"strong", true}});
    blocks_.push_back(table_of(words_.what, words_.travellers, words_.amount, std::move(rows)));
    for (const std::string& sentence : missing_words(option, words_))
      paragraph(sentence, {{"small", true}});
    if (const Json exchange = option.value("exchange", Json()); exchange.is_object())
      paragraph(fill(words_.converted_from, {{"currency", text_of(exchange, "from")},
                                             {"day", day(text_of(exchange, "date"))}}),
                {{"small", true}, {"muted", true}});
  }

  void items() {
    heading(std::string(offer_.options.empty() ? words_.included : words_.also_included), 2);
    Json rows = Json::array();
    for (const Json& item : offer_.items) {
      std::string what = item.at("name").get<std::string>();
      if (const auto more = text_of(item, "description"); !more.empty()) what += "\n" + more;
      const auto from = text_of(item, "check_in"), to = text_of(item, "check_out");
      if (!from.empty()) what += "\n" + day(from) + (to.empty() ? "" : " – " + day(to));
      rows.push_back({what, std::to_string(item.at("quantity").get<std::int64_t>()),
                      amount(item.at("amount_minor").get<std::int64_t>(),
                             item.at("currency").get<std::string>())});
    }
    blocks_.push_back(table_of(words_.what, words_.quantity, words_.amount, std::move(rows)));
    Json lines = Json::array();
    for (const auto& [currency, sum] : totals_of_items(offer_.items))
      lines.push_back(
          {{"label", words_.total}, {"value", amount(sum, currency)}, {"strong", true}});
    blocks_.push_back({{"type", "totals"}, {"lines", lines}});
  }

  const Quote& quote_;
  const Content& offer_;
  const Words& words_;
  const Language& language_;
  Json blocks_ = Json::array();
};

}  // namespace

Json paper_document(const Quote& quote, const Content& offer, const Json& brand,
                    const std::string& date, const std::string& valid_until,
                    const std::string& link, const Language& language) {
  return {{"title", fill(language.words.quote, {{"number", quote.quote_id}})},
          {"language", language.code},
          {"date", date},
          {"page_label", language.words.page_label},
          {"brand", brand},
          {"content", Paper(quote, offer, language).content(valid_until, link)}};
}

std::string_view render(const serai::Call& call, const Quote& quote, const Content& content,
                        const std::string& link) {
  const auto config = call.config();
  Json brand = Json::object();
  if (const auto name = config.text("company_name"); !name.empty()) brand["name"] = name;
  if (const auto logo = config.text("logo"); !logo.empty()) brand["logo"] = {{"data", logo}};
  const Language& language = language_for(call, content.inquiry);
  const auto document = paper_document(quote, content, brand, day_text(today(call)),
                                       until_words(call, quote, language), link, language);
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

std::string file_name(const Quote& quote, const Language& language) {
  return fill(language.words.file, {{"number", quote.quote_id}});
}

}  // namespace quotes
