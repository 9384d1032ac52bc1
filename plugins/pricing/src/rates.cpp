// See the header.
#include "rates.hpp"

#include <serai/total.hpp>

#include "date.hpp"
#include "rate.hpp"
#include "rate_store.hpp"

namespace pricing {
namespace {

std::string_view day_of(const serai::Request& request, std::string_view name) {
  const std::string_view text = request.query(name);
  if (!text.empty() && !parse_day(text))
    throw serai::invalid_field("query/" + std::string(name),
                               "This must be a date like 2026-12-31.");
  return text;
}

Rate checked(const serai::Request& request, const RateTexts& texts) {
  std::vector<Fault> faults;
  Rate rate = parse_rate(texts, own_currency(request), faults);
  if (faults.empty()) return rate;
  serai::Problem problem(422, "validation_failed", "The rate has faulty fields.");
  for (const auto& [field, reason] : faults)
    problem.errors.push_back({"/" + std::string(field), "This " + reason + "."});
  throw problem;
}

}  // namespace

serai::Json list_rates(serai::Request& request) {
  const RateFilter filter{
      request.query("destination"),      request.query("hotel_name"),
      request.query("meal_plan"),        request.query_boolean("is_active", true),
      day_of(request, "check_in_after"), day_of(request, "check_in_before")};
  serai::Json items = serai::Json::array();
  const auto page = list_statement(filter, request.query_integer("limit", 100),
                                   request.query_integer("offset", 0));
  for (const auto& row : page.run(request)) items.push_back(to_json(rate_of(row)));
  const serai::Json question{filter.destination, filter.hotel_name,     filter.meal_plan,
                             filter.is_active,   filter.check_in_after, filter.check_in_before};
  serai::Json answer = serai::list(std::move(items));
  answer["total"] = serai::Total(request, "rates").get(serai::dump_json(question), [&] {
    return count_statement(filter).run(request).front().integer("n");
  });
  return answer;
}

serai::Response create_rate(serai::Request& request) {
  RateTexts texts;
  overlay(texts, request.json());
  Rate rate = checked(request, texts);
  rate.rate_id = rate_id_of(reserve_ids(request, 1));
  insert_rate(request, rate);
  serai::Json answer = serai::data(to_json(rate));
  answer["rate_id"] = rate.rate_id;
  return serai::Response::json(std::move(answer), 201);
}

serai::Json show_rate(serai::Request& request) {
  return serai::data(to_json(load_rate(request, request.path("rate_id"))));
}

serai::Json change_rate(serai::Request& request) {
  const Rate before = load_rate(request, request.path("rate_id"));
  RateTexts texts = to_texts(before);
  overlay(texts, request.json());
  Rate rate = checked(request, texts);
  rate.rate_id = before.rate_id;
  update_rate(request, rate);
  return serai::data(to_json(rate));
}

serai::Json remove_rate(serai::Request& request) {
  const auto sql = request.sql();
  const bool hard = request.query_boolean("hard_delete", false);
  auto transaction = sql.transaction();
  const std::int64_t changed =
      hard ? sql.execute("DELETE FROM pricing_rates WHERE rate_id = $1", request.path("rate_id"))
           : sql.execute(
                 "UPDATE pricing_rates SET is_active = FALSE, updated_at = $2 WHERE rate_id = $1",
                 request.path("rate_id"), request.clock().now_text());
  if (changed == 0) throw serai::not_found("The rate");
  announce(request, hard ? "deleted" : "deactivated", 1, false);
  transaction.commit();
  rates_changed(request);
  return {{"message", hard ? "The rate is deleted." : "The rate is no longer active."}};
}

}  // namespace pricing
