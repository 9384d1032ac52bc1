#include "usage/usage_table.hpp"

namespace host::usage {
namespace {

std::string_view time_column(Step step) {
  switch (step) {
    case Step::hour:
      return "substr(hour, 1, 13)";
    case Step::day:
      return "substr(hour, 1, 10)";
    case Step::month:
      return "substr(hour, 1, 7)";
    case Step::all:
      break;
  }
  return "''";
}

}  // namespace

storage::MigrationSet usage_tables() {
  return {"usage",
          {{1, "create_hours",
            R"(
CREATE TABLE usage_hours (
  tenant text NOT NULL,
  plugin text NOT NULL,
  hour timestamp NOT NULL,
  unit text NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (tenant, plugin, hour, unit)
);
CREATE INDEX usage_hours_by_hour ON usage_hours (hour);
)",
            "DROP INDEX usage_hours_by_hour;\nDROP TABLE usage_hours;"}}};
}

std::string hour_of(Timestamp time) {
  return to_text(std::chrono::floor<std::chrono::hours>(time));
}

void UsageTable::add(std::string_view hour, const AccountView& account, const Amounts& amounts) {
  for (const auto& [unit, amount] : amounts.nonzero())
    session_.execute(
        "INSERT INTO usage_hours (tenant, plugin, hour, unit, amount) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, plugin, hour, unit) "
        "DO UPDATE SET amount = usage_hours.amount + excluded.amount",
        {account.tenant, account.plugin, hour, unit, amount});
}

std::int64_t UsageTable::used(const AccountView& account, std::string_view unit, Timestamp since) {
  const auto rows = session_.query(
      "SELECT coalesce(CAST(sum(amount) AS BIGINT), 0) AS amount FROM usage_hours "
      "WHERE tenant = $1 AND plugin = $2 AND unit = $3 AND hour >= $4",
      {account.tenant, account.plugin, unit, hour_of(since)});
  return rows.integer(0, "amount");
}

std::vector<Line> UsageTable::lines(const Query& query) {
  const std::string from = hour_of(query.from), to = to_text(query.to);
  std::vector<storage::Value> values{std::string_view(from), std::string_view(to)};
  std::string where = "hour >= $1 AND hour < $2";
  const auto also = [&](const char* column, const std::string& value) {
    values.emplace_back(std::string_view(value));
    where += std::string(" AND ") + column + " = $" + std::to_string(values.size());
  };
  if (!query.any_tenant || !query.tenant.empty()) also("tenant", query.tenant);
  if (!query.plugin.empty()) also("plugin", query.plugin);
  if (!query.unit.empty()) also("unit", query.unit);
  values.emplace_back(static_cast<std::int64_t>(query.limit + 1));
  values.emplace_back(static_cast<std::int64_t>(query.offset));
  const std::string tenant = query.by_tenant ? "tenant" : "''",
                    plugin = query.by_plugin ? "plugin" : "''";
  const auto rows = session_.query(
      "SELECT time_text, tenant_text, plugin_text, unit, CAST(sum(amount) AS BIGINT) AS amount "
      "FROM (SELECT " +
          std::string(time_column(query.step)) + " AS time_text, " + tenant + " AS tenant_text, " +
          plugin + " AS plugin_text, unit, amount FROM usage_hours WHERE " + where +
          ") AS picked GROUP BY time_text, tenant_text, plugin_text, unit "
          "ORDER BY time_text DESC, tenant_text, plugin_text, unit LIMIT $" +
          std::to_string(values.size() - 1) + " OFFSET $" + std::to_string(values.size()),
      std::span<const storage::Value>(values));
  std::vector<Line> lines(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row)
    lines[row] = {rows.text(row, "time_text"), rows.text(row, "tenant_text"),
                  rows.text(row, "plugin_text"), rows.text(row, "unit"),
                  rows.integer(row, "amount")};
  return lines;
}

void UsageTable::forget_tenant(std::string_view tenant) {
  session_.execute("DELETE FROM usage_hours WHERE tenant = $1", {tenant});
}

void UsageTable::forget_before(Timestamp time) {
  session_.execute("DELETE FROM usage_hours WHERE hour < $1", {to_text(time)});
}

}  // namespace host::usage
