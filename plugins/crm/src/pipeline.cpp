// See pipeline.hpp.
#include "pipeline.hpp"

#include <map>
#include <string>

#include "money.hpp"
#include "stage.hpp"

namespace crm {
namespace {

using Amounts = std::map<std::string, std::int64_t>;  // by currency, minor units

struct OfStage {
  std::int64_t count = 0;
  Amounts amounts;  // of all quotes of the clients in it
};
using Stages = std::map<std::string, OfStage, std::less<>>;

Stages stages_of(const serai::Call& call) {
  Stages stages;
  for (const auto stage : kStages) stages[std::string(stage)];
  const auto sql = call.sql();
  for (const auto row : sql.query("SELECT stage, count(*) FROM crm_clients GROUP BY stage"))
    stages[std::string(row.text(0))].count = row.integer(1);
  const auto sums = sql.query(
      "SELECT c.stage, q.currency, CAST(sum(q.amount) AS BIGINT) FROM crm_quote_values AS q "
      "JOIN crm_clients AS c ON c.id = q.client WHERE c.stage NOT IN ('TRAVELLED', 'LOST') "
      "GROUP BY c.stage, q.currency");
  for (const auto row : sums)
    stages[std::string(row.text(0))].amounts[std::string(row.text(1))] = row.integer(2);
  return stages;
}

serai::Json in_all(const Amounts& amounts) {
  serai::Json all = serai::Json::object();
  for (const auto& [currency, amount] : amounts) all[currency] = number(amount, currency);
  return all;
}

serai::Json in_one(const Amounts& amounts, const std::string& currency) {
  const auto found = amounts.find(currency);
  return number(found == amounts.end() ? 0 : found->second, currency);
}

}  // namespace

serai::Json pipeline(serai::Request& request) {
  const std::string currency = request.config().text("currency");
  serai::Json data = serai::Json::object();
  for (const auto& [stage, of] : stages_of(request)) {
    data[stage] = {{"count", of.count},
                   {"value", in_one(of.amounts, currency)},
                   {"values", in_all(of.amounts)}};
  }
  auto answer = serai::data(std::move(data));
  answer["currency"] = currency;
  return answer;
}

serai::Json stats(serai::Request& request) {
  const std::string currency = request.config().text("currency");
  serai::Json by_stage = serai::Json::object(), by_source = serai::Json::object();
  std::int64_t total = 0;
  Amounts amounts;
  for (const auto& [stage, of] : stages_of(request)) {
    by_stage[stage] = of.count;
    total += of.count;
    for (const auto& [code, amount] : of.amounts) amounts[code] += amount;
  }
  const auto sources =
      request.sql().query("SELECT source, count(*) FROM crm_clients GROUP BY source");
  for (const auto row : sources) by_source[std::string(row.text(0))] = row.integer(1);
  return serai::data({{"total_clients", total},
                      {"total_value", in_one(amounts, currency)},
                      {"total_values", in_all(amounts)},
                      {"currency", currency},
                      {"by_stage", by_stage},
                      {"by_source", by_source}});
}

}  // namespace crm
