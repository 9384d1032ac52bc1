// See the header.
#include "sending.hpp"

#include "language.hpp"
#include "money.hpp"
#include "paper.hpp"
#include "partners.hpp"
#include "phrases.hpp"
#include "store.hpp"

namespace quotes {
namespace {

using serai::Json;

constexpr const char* kMail = "mail.send/1";
constexpr std::size_t kCards = 4;  // alternatives shown in the mail; the paper has all

// In every language: what it says comes with the data, in the customer's words.
constexpr const char* kText = R"({{greeting}}

{{intro}}

{{#cards}}{{title}} ({{details}}){{colon}} {{price}}
{{/cards}}
{{total_label}}{{colon}} {{total}}
{{valid}}

{{answer_here}}
{{link}}

{{attached}}{{#consultant}}

{{consultant}}{{/consultant}}
)";

constexpr const char* kHtml = R"(<p>{{greeting}}</p>
<p>{{intro}}</p>
<table cellpadding="8" style="border-collapse:collapse">{{#cards}}<tr style="border-bottom:1px solid #ddd"><td><b>{{title}}</b><br>{{details}}</td><td align="right">{{price}}</td></tr>{{/cards}}
<tr><td><b>{{total_label}}</b></td><td align="right"><b>{{total}}</b></td></tr></table>
<p>{{valid}}</p>
<p><a href="{{link}}">{{answer_link}}</a></p>
<p>{{attached}}</p>{{#consultant}}<p>{{consultant}}</p>{{/consultant}})";

Json cards(const Content& content, const Language& language) {
  Json all = Json::array();
  const auto add = [&](const Json& title, std::string_view details, const Json& amount,
                       const Json& currency) {
    if (all.size() == kCards) return;
    all.push_back({{"title", title},
                   {"details", details},
                   {"price", amount_text(amount.get<std::int64_t>(),
                                         currency.get_ref<const std::string&>(), language.forms)}});
  };
  for (const Json& option : content.options)
    add(option.at("hotel_name"), stay_words(option, language), option.at("total_minor"),
        option.at("currency"));
  for (const Json& item : content.items)
    add(item.at("name"), kind_words(item.at("type").get_ref<const std::string&>(), language.words),
        item.at("amount_minor"), item.at("currency"));
  return all;
}

std::string subject_of(const Quote& quote, const std::string& company, const Words& words) {
  auto subject = quote.destination ? fill(words.subject_to, {{"place", *quote.destination}})
                                   : std::string(words.subject);
  if (company.empty()) return subject;
  return fill(words.from_company, {{"subject", subject}, {"company", company}});
}

// What the tenant's own template of that name may use, too.
Json data_of(const serai::Call& call, const Quote& quote, const Content& content,
             const std::string& company, const Language& language) {
  const Words& words = language.words;
  const auto period = period_words(quote, language), until = until_words(call, quote, language);
  return {{"language", language.code},
          {"subject", subject_of(quote, company, words)},
          {"greeting", fill(words.greeting, {{"name", quote.name}})},
          {"intro", fill(quote.destination ? words.intro_to : words.intro,
                         {{"number", quote.quote_id},
                          {"place", quote.destination.value_or("")},
                          {"period", period}})},
          {"valid", fill(words.valid_until, {{"until", until}})},
          {"colon", words.colon},
          {"answer_here", words.answer_here},
          {"answer_link", words.answer_link},
          {"attached", words.attached},
          {"name", quote.name},
          {"quote_id", quote.quote_id},
          {"company", company},
          {"dates", period},
          {"cards", cards(content, language)},
          {"total_label", total_words(quote, words)},
          {"total", amount_text(quote.total_minor.value_or(0), quote.currency, language.forms)},
          {"until", until},
          {"link", page_link(call, quote)},
          {"destination", quote.destination ? Json(*quote.destination) : Json(false)},
          {"consultant", quote.consultant_name ? Json(*quote.consultant_name) : Json(false)}};
}

Json letter_of(const serai::Call& call, const Quote& quote, const Content& content,
               const std::string& paper) {
  const Language& language = language_for(call, content.inquiry);
  const auto company = call.config().text("company_name");
  return {{"to", {{"email", quote.email}, {"name", quote.name}}},
          {"template",
           {{"name", "quotes.sent"},
            {"language", language.code},
            {"subject", "{{subject}}"},
            {"text", kText},
            {"html", kHtml}}},
          {"data", data_of(call, quote, content, company, language)},
          {"attachments",
           {{{"name", file_name(quote, language)}, {"type", "application/pdf"}, {"blob", paper}}}},
          {"categories", {"quote"}},
          {"idempotency_key", "quote:" + quote.quote_id + ":" + std::to_string(quote.mails + 1)}};
}

BusinessDays business_days(const serai::Call& call) {
  static constexpr std::string_view kNames[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
  BusinessDays business;
  business.hour = std::chrono::hours(call.config().integer("follow_up_hour"));
  const auto days = call.config().text("business_days");
  for (std::size_t i = 0; i < 7; ++i) business.days[i] = days.find(kNames[i]) != std::string::npos;
  const auto holidays = call.config().text("holidays");
  for (std::size_t at = 0; at < holidays.size();) {
    const auto end = std::min(holidays.find(',', at), holidays.size());
    if (const auto day = parse_day(holidays.substr(at, end - at)))
      business.holidays.insert(std::chrono::local_days(day->time_since_epoch()));
    at = end + 1;
  }
  return business;
}

void plan_follow_up(const serai::Call& call, Quote& quote) {
  const Zone zone = zone_of(call);
  try {
    quote.follow_up_at = serai::to_text(
        zone.utc(follow_up_time(zone.local(call.clock().now()), business_days(call))));
    quote.follow_up_told = false;
  } catch (const std::invalid_argument&) {
    // A tenant without a business day follows nobody up.
    quote.follow_up_at.reset();
  }
}

void require_address(const Quote& quote) {
  if (quote.email.empty())
    throw serai::Problem(422, "not_ready", "The customer has no e-mail address.");
}

// The mail and nothing else: what it throws is mail's refusal.
void hand_over(const serai::Call& call, Quote& quote, const Content& content) {
  if (!call.services().available(kMail))
    throw serai::Problem(503, "mail_missing",
                         "The quote cannot be mailed: the plugin mail is not switched on.");
  const Json answer =
      call.services().call(kMail, letter_of(call, quote, content, paper_of(call, quote)));
  if (answer.is_object() && answer.value("status", Json()) == "suppressed")
    throw serai::conflict("address_suppressed",
                          "This address is mailed no more: a mail to it came back or its reader "
                          "complained.");
}

void record_mail(const serai::Call& call, const Quote& before, Quote& quote) {
  quote.email_sent_at = call.clock().now_text();
  ++quote.mails;
  if (quote.status == Status::quoted) {
    quote.status = Status::sent;
    quote.sent_at = quote.email_sent_at;
    plan_follow_up(call, quote);
  }
  save(call, before, quote, "mailed");
  tell_activity(call, quote, "Quote " + quote.quote_id + " mailed to " + quote.email,
                "mail-" + std::to_string(quote.mails));
}

}  // namespace

std::string expiry(const serai::Call& call, const std::string& given) {
  const Zone zone = zone_of(call);
  if (const auto time = parse_time(given)) {
    if (*time <= call.clock().now()) throw serai::invalid_field("/valid_until", "This is over.");
    return serai::to_text(*time);
  }
  const Day now = today(call);
  auto last = parse_day(given);
  if (!given.empty() && !last)
    throw serai::invalid_field("/valid_until",
                               "This must be a day like 2026-12-31 or a time like "
                               "2026-12-31T17:00:00Z.");
  if (last && *last < now) throw serai::invalid_field("/valid_until", "This is over.");
  if (!last) last = now + std::chrono::days(call.config().integer("valid_days"));
  // To the end of that day on the tenant's clock.
  const LocalTime midnight{(*last + std::chrono::days(1)).time_since_epoch()};
  return serai::to_text(zone.utc(midnight));
}

void issue(const serai::Call& call, Quote& quote, const Content& content) {
  if (const auto why = unfit(content); !why.empty()) throw serai::Problem(422, "not_ready", why);
  const Quote before = quote;
  if (before.status != Status::draft || quote.expires_at <= call.clock().now_text())
    quote.expires_at = expiry(call, "");
  quote.status = Status::quoted;
  if (!quote.share_id) quote.share_id = call.clock().uuid();
  const auto end = parse_time(quote.expires_at).value_or(call.clock().now());
  quote.share_expires_at =
      serai::to_text(end + std::chrono::days(call.config().integer("link_days")));
  const std::string paper(call.blobs().put(render(call, quote, content, page_link(call, quote))));
  save(call, before, quote, "issued");
  keep_paper(call, quote, paper);
  tell_value(call, quote);
}

void send_mail(const serai::Call& call, Quote& quote, const Content& content) {
  const Quote before = quote;
  require_address(quote);
  hand_over(call, quote, content);
  record_mail(call, before, quote);
}

std::string try_to_send_mail(const serai::Call& call, Quote& quote, const Content& content) {
  const Quote before = quote;
  auto attempt = call.sql().transaction();
  try {
    require_address(quote);
    hand_over(call, quote, content);
  } catch (const serai::Problem& problem) {
    // Mail's refusal is one thing, the call's own end or a fault another.
    if (problem.status == 500 || problem.status == 504) throw;
    attempt.rollback();
    quote = before;
    return problem.detail;
  }
  attempt.commit();
  record_mail(call, before, quote);
  return {};
}

std::string page_link(const serai::Call& call, const Quote& quote) {
  return std::string(call.links().make("shared", *quote.share_id,
                                       parse_time(quote.share_expires_at.value_or(""))));
}

std::string paper_link(const serai::Call& call, const Quote& quote) {
  return std::string(call.links().make("public_pdf", *quote.share_id,
                                       parse_time(quote.share_expires_at.value_or(""))));
}

}  // namespace quotes
