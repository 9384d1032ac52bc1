// See client_list.hpp.
#include "client_list.hpp"

#include <serai/total.hpp>

#include "search_words.hpp"
#include "text.hpp"

namespace crm {
namespace {

constexpr std::size_t kLongestQuery = 200;  // bytes

}  // namespace

Filter filter_of(const serai::Request& request) {
  Filter filter;
  const auto bind = [&](std::string value) {
    filter.name += value + "\n";
    filter.values.push_back(std::move(value));
    return "$" + std::to_string(filter.values.size());
  };
  const auto also = [&](const std::string& condition) {
    filter.condition += (filter.condition.empty() ? " WHERE " : " AND ") + condition;
  };
  if (const auto stage = request.query("stage"); !stage.empty()) {
    filter.name += "stage ";
    also("c.stage = " + bind(std::string(stage)));
  }
  if (const auto consultant = request.query("consultant_id"); !consultant.empty()) {
    filter.name += "consultant ";
    also("c.consultant_id = " + bind(tidy(consultant)));
  }
  const auto query = request.query("query");
  if (query.size() > kLongestQuery)
    throw serai::invalid_field("query/query", "This must have at most 200 bytes.");
  const auto asked = query_words(query);
  for (const auto& word : asked) {
    const std::string from = bind(word), to = bind(behind(word));
    also("c.id IN (SELECT w.client FROM crm_words AS w WHERE w.word >= " + from + " AND w.word < " +
         to + ")");
  }
  // Something without a letter or digit is in nobody's name.
  if (asked.empty() && query.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    filter.name += "nobody";
    also("1 = 0");
  }
  return filter;
}

serai::Json list_clients(serai::Request& request) {
  const Filter filter = filter_of(request);
  const auto sql = request.sql();
  auto values = filter.bound();
  const auto count = [&] {
    return sql.query_values("SELECT count(*) FROM crm_clients AS c" + filter.condition, values)
        .front()
        .integer(0);
  };
  // Names of values in kv are short; a long question is counted each time.
  const std::int64_t total =
      filter.name.size() > 100 ? count() : serai::Total(request, "clients").get(filter.name, count);
  values.emplace_back(request.query_integer("limit", 50));
  values.emplace_back(request.query_integer("offset", 0));
  const auto rows =
      sql.query_values(std::string("SELECT ") + kClientColumns + " FROM crm_clients AS c" +
                           filter.condition + " ORDER BY c.created_at DESC, c.id DESC LIMIT " +
                           filter.next(1) + " OFFSET " + filter.next(2),
                       values);
  serai::Json items = serai::Json::array();
  for (const auto row : rows) items.push_back(to_json(read_client(row)));
  serai::Json answer = serai::list(std::move(items));
  answer["total"] = total;
  return answer;
}

}  // namespace crm
