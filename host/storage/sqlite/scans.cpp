// full_scans(): reads SQLite's query plan.
#include "storage/sql.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {

std::vector<std::string> full_scans(Session& session, std::string_view sql) {
  const std::vector<Value> nulls(static_cast<std::size_t>(highest_placeholder(sql)));
  const Rows plan =
      session.query("EXPLAIN QUERY PLAN " + std::string(sql), std::span<const Value>(nulls), 1000);
  std::vector<std::string> scans;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const std::string step = plan.text(i, "detail");
    if (!step.starts_with("SCAN ")) continue;
    const std::string what = step.substr(5, step.find(' ', 5) - 5);
    const bool virtual_rows = what == "CONSTANT" || what.starts_with("(") ||
                              what.ends_with("-ROW") ||
                              step.find("-ROW VALUES") != std::string::npos;
    if (!virtual_rows && step.find(" USING ") == std::string::npos) scans.push_back(what);
  }
  return scans;
}

}  // namespace host::storage
