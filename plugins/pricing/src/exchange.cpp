// See the header.
#include "exchange.hpp"

#include "date.hpp"
#include "money.hpp"
#include "rate_store.hpp"

namespace pricing {
namespace {

constexpr int kPlaces = 10;
constexpr std::int64_t kLargestRate = 1'000'000'000'000'000;  // 100,000, times 10^10
constexpr std::string_view kOwn = "own";
constexpr std::string_view kFetched = "frankfurter";
constexpr auto kKept = std::chrono::days(400);  // fetched ones; own ones stay

// A rate as text or number, times 10^10; 0 if it is none.
std::int64_t rate_in(const serai::Json& value) {
  const auto text =
      value.is_string() ? std::optional(value.get<std::string>()) : number_text(value);
  const auto rate = text ? parse_decimal(*text, kPlaces) : std::nullopt;
  return rate && *rate <= kLargestRate ? *rate : 0;
}

int margin_of(const serai::Call& call) {
  const auto text = number_text(call.config().get("currency_margin_pct"));
  const auto basis_points = text ? parse_decimal(*text, 2) : std::nullopt;
  if (!basis_points)
    throw serai::Problem(503, "setting_invalid",
                         "The setting `currency_margin_pct` has more than two decimal places.");
  return static_cast<int>(*basis_points);
}

std::string oldest_fresh_day(const serai::Call& call) {
  return day_text(today(call.clock()) -
                  std::chrono::days(call.config().integer("exchange_max_age")));
}

void keep(const serai::Call& call, const std::string& from, const std::string& to,
          std::string_view source, std::string_view as_of, std::int64_t rate) {
  call.sql().execute(
      "INSERT INTO pricing_exchange_rates (id, from_currency, to_currency, as_of, source, "
      "rate_e10, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (to_currency, from_currency, "
      "source, as_of) DO UPDATE SET rate_e10 = excluded.rate_e10, created_at = excluded.created_at",
      call.clock().uuid(), from, to, as_of, source, rate, call.clock().now_text());
}

serai::Json json_of(const serai::Row& row) {
  return {
      {"id", row.text("id")},          {"from", row.text("from_currency")},
      {"to", row.text("to_currency")}, {"date", row.text("as_of")},
      {"source", row.text("source")},  {"rate", decimal_json(row.integer("rate_e10"), kPlaces)}};
}

// What the table outside says for one currency. False if it does not know it.
bool fetch(const serai::Call& call, const std::string& from, const std::string& to) {
  std::string url = call.config().text("exchange_url");
  while (url.ends_with('/')) url.pop_back();
  const auto answer = call.http().get(url + "/latest?base=" + from + "&symbols=" + to);
  if (answer.status() == 404 || answer.status() == 422) return false;
  answer.expect_ok("The table of exchange rates");
  const serai::Json document = answer.json();
  const serai::Json::json_pointer date("/date"), rate("/rates/" + to);
  const auto as_of = document.is_object() && document.contains(date) && document[date].is_string()
                         ? parse_day(document[date].get<std::string>())
                         : std::nullopt;
  const std::int64_t found =
      document.is_object() && document.contains(rate) ? rate_in(document[rate]) : 0;
  if (!as_of || found == 0)
    throw serai::Problem(502, "bad_upstream", "The table of exchange rates makes no sense.");
  keep(call, from, to, kFetched, day_text(*as_of), found);
  return true;
}

}  // namespace

std::map<std::string, Exchange> exchanges_into(const serai::Call& call, const std::string& to) {
  const std::string fresh = oldest_fresh_day(call);
  const int margin = margin_of(call);
  const auto rows = call.sql().query(
      "SELECT e.from_currency, e.source, e.as_of, e.rate_e10 FROM pricing_exchange_rates e WHERE "
      "e.to_currency = $1 AND e.as_of = (SELECT max(n.as_of) FROM pricing_exchange_rates n WHERE "
      "n.to_currency = e.to_currency AND n.from_currency = e.from_currency AND n.source = e.source "
      "AND n.as_of <= $2) ORDER BY e.from_currency, e.source DESC",
      to, day_text(today(call.clock())));
  std::map<std::string, Exchange> found;
  for (const auto& row : rows) {
    Exchange exchange;
    exchange.from = row.text("from_currency");
    exchange.to = to;
    exchange.from_digits = minor_digits(exchange.from);
    exchange.to_digits = minor_digits(to);
    exchange.rate_e10 = row.integer("rate_e10");
    exchange.margin_basis_points = margin;
    exchange.as_of = row.text("as_of");
    exchange.source = row.text("source");
    exchange.stale = exchange.as_of < fresh;
    const auto [known, is_new] = found.emplace(exchange.from, exchange);
    if (!is_new && known->second.stale && exchange.as_of > known->second.as_of)
      known->second = exchange;
  }
  return found;
}

serai::Json list_exchange_rates(serai::Request& request) {
  const std::string fresh = oldest_fresh_day(request);
  const auto rows = request.sql().query(
      "SELECT id, from_currency, to_currency, as_of, source, rate_e10 FROM pricing_exchange_rates "
      "ORDER BY to_currency, from_currency, source, as_of DESC LIMIT $1 OFFSET $2",
      request.query_integer("limit", 100), request.query_integer("offset", 0));
  serai::Json items = serai::Json::array();
  for (const auto& row : rows) {
    items.push_back(json_of(row));
    items.back()["stale"] = row.text("as_of") < fresh;
  }
  return serai::list(std::move(items));
}

serai::Response add_exchange_rate(serai::Request& request) {
  const auto from = request.field<std::string>("from"), to = request.field<std::string>("to");
  if (!is_currency(from))
    throw serai::invalid_field("/from", "This must be three capital letters.");
  if (!is_currency(to) || to == from)
    throw serai::invalid_field("/to",
                               "This must be the three capital letters of another currency.");
  const std::int64_t rate = rate_in(request.field<serai::Json>("rate"));
  if (rate == 0)
    throw serai::invalid_field(
        "/rate", "This must be more than 0, at most 100000, with at most 10 decimal places.");
  const auto date = parse_day(request.field("date", day_text(today(request.clock()))));
  if (!date) throw serai::invalid_field("/date", "This must be a date like 2026-12-31.");
  keep(request, from, to, kOwn, day_text(*date), rate);
  const auto rows = request.sql().query(
      "SELECT id, from_currency, to_currency, as_of, source, rate_e10 FROM pricing_exchange_rates "
      "WHERE to_currency = $1 AND from_currency = $2 AND source = $3 AND as_of = $4",
      to, from, kOwn, day_text(*date));
  return serai::created(json_of(rows.required("The exchange rate")));
}

serai::Json remove_exchange_rate(serai::Request& request) {
  if (request.sql().execute("DELETE FROM pricing_exchange_rates WHERE id = $1",
                            request.path("id")) == 0)
    throw serai::not_found("The exchange rate");
  return {{"message", "The exchange rate is deleted."}};
}

serai::Response refresh_exchange_now(serai::Request& request) {
  const auto id =
      request.jobs().enqueue("refresh_exchange", serai::Json::object(), {.unique_key = "refresh"});
  return serai::accepted({{"job_id", id}});
}

void refresh_exchange(serai::Job& job) {
  if (job.config().text("exchange_url").empty()) return;
  const std::string to = own_currency(job);
  std::vector<std::string> currencies;
  for (const auto& row : job.sql().query(
           "SELECT DISTINCT currency FROM pricing_rates WHERE is_active = TRUE AND currency <> $1 "
           "ORDER BY currency",
           to))
    currencies.emplace_back(row.text("currency"));
  std::optional<serai::Problem> failure;
  for (const std::string& from : currencies) {
    try {
      if (!fetch(job, from, to))
        job.log().warning("No exchange rate is published", {{"from", from}, {"to", to}});
    } catch (const serai::Problem& problem) {
      failure = problem;  // the others are kept; this one is tried again
    }
  }
  job.sql().execute("DELETE FROM pricing_exchange_rates WHERE source = $1 AND as_of < $2", kFetched,
                    day_text(today(job.clock()) - kKept));
  if (failure) {
    job.metrics().add("exchange_failures_total");
    throw *failure;
  }
}

}  // namespace pricing
