// Lists of quotes: filters and search before the page.
#include <serai/total.hpp>

#include "desk.hpp"
#include "quote.hpp"
#include "text.hpp"

namespace quotes {
namespace {

using serai::Json;

constexpr std::size_t kLongestSearch = 200;  // bytes
constexpr std::size_t kMostWords = 8;

struct Filter {
  std::string condition;
  std::string name;  // what tells one question from another
  std::vector<std::string> values;

  std::string bind(std::string value) {
    name += value + "\n";
    values.push_back(std::move(value));
    return "$" + std::to_string(values.size());
  }
  void also(const std::string& one) {
    condition += (condition.empty() ? " WHERE " : " AND ") + one;
  }
};

Filter filter_of(const serai::Request& request) {
  Filter filter;
  if (const auto status = request.query("status"); !status.empty()) {
    filter.name += "status ";
    filter.also("q.status = " + filter.bind(std::string(status)));
  }
  if (const auto email = request.query("customer_email"); !email.empty()) {
    filter.name += "customer ";
    filter.also("q.customer_email = " + filter.bind(folded(tidy(email))));
  }
  if (const auto user = request.query("consultant_id"); !user.empty()) {
    filter.name += "consultant ";
    filter.also("q.consultant_id = " + filter.bind(tidy(user)));
  }
  if (request.query("follow_up") == "due") {
    filter.name += "due ";
    filter.also("q.follow_up_at <= " + filter.bind(request.clock().now_text()) +
                " AND q.status IN ('sent', 'viewed')");
  }
  const auto search = request.query("search");
  if (search.size() > kLongestSearch)
    throw serai::invalid_field("query/search", "This must have at most 200 bytes.");
  const std::string words = folded(tidy(search));
  std::size_t count = 0;
  for (std::size_t at = 0; at < words.size() && count < kMostWords; ++count) {
    const auto end = std::min(words.find(' ', at), words.size());
    if (end > at)
      filter.also("strpos(q.search_key, " + filter.bind(words.substr(at, end - at)) + ") > 0");
    at = end + 1;
  }
  return filter;
}

}  // namespace

Json list_quotes(serai::Request& request) {
  const Filter filter = filter_of(request);
  const auto sql = request.sql();
  std::vector<serai::Value> values(filter.values.begin(), filter.values.end());
  const auto count = [&] {
    return sql.query_values("SELECT count(*) FROM quotes_quotes AS q" + filter.condition, values)
        .front()
        .integer(0);
  };
  // Names of values in kv are short; what changes with the clock is counted each time.
  const bool keeps = filter.name.size() <= 100 && request.query("follow_up").empty();
  const auto total = keeps ? serai::Total(request, "quotes").get(filter.name, count) : count();
  const auto next = "$" + std::to_string(values.size() + 1);
  const auto after = "$" + std::to_string(values.size() + 2);
  values.emplace_back(request.query_integer("limit", 50));
  values.emplace_back(request.query_integer("offset", 0));
  const auto rows = sql.query_values(
      std::string("SELECT ") + kQuoteColumns + " FROM quotes_quotes AS q" + filter.condition +
          " ORDER BY q.created_at DESC, q.id DESC LIMIT " + next + " OFFSET " + after,
      values);
  Json items = Json::array();
  for (const auto row : rows) items.push_back(to_json(read_quote(row)));
  Json answer = serai::list(std::move(items));
  answer["total"] = total;
  return answer;
}

}  // namespace quotes
