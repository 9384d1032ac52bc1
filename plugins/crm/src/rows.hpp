// Many rows in few statements: what is a row at a time inside of one process is a round trip each
// to a database server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace crm {

// "$first, $first+1, ..." for `count` values.
inline std::string placeholders(std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = first; i < first + count; ++i) {
    if (i != first) text += ", ";
    text += "$" + std::to_string(i);
  }
  return text;
}

// `into`: "INSERT INTO table (columns)". In the caller's transaction. How many were inserted. Each
// statement has a power of two of rows, so that there are few different ones to prepare.
inline std::int64_t insert_rows(const serai::Call& call, std::string_view into,
                                const serai::Batch& rows, std::string_view on_conflict = {}) {
  constexpr std::size_t most_values = 999;
  const auto sql = call.sql();
  std::int64_t inserted = 0;
  for (std::size_t at = 0; at < rows.size();) {
    std::size_t count = 1;
    while (2 * count <= rows.size() - at && 2 * count * rows.width() <= most_values) count *= 2;
    std::string statement(into);
    for (std::size_t i = 0; i < count; ++i) {
      statement += i == 0 ? " VALUES (" : ", (";
      statement += placeholders(1 + i * rows.width(), rows.width()) + ")";
    }
    statement.append(" ").append(on_conflict);
    inserted += sql.execute_values(
        statement, std::span(rows.values() + at * rows.width(), count * rows.width()));
    at += count;
  }
  return inserted;
}

}  // namespace crm
