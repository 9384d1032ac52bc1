// serai.sql/1: statements on the tenant's tables of the plugin.
#include <algorithm>
#include <array>
#include <cctype>

#include "plugins/boundary.hpp"
#include "plugins/open_rows.hpp"
#include "serai/abi/sql.h"

namespace host::plugins {
namespace {

constexpr std::uint64_t kDefaultRows = 10'000, kMaxRows = 100'000;
constexpr std::uint32_t kMaxValues = 999;
constexpr std::uint64_t kMaxBatch = 100'000;
constexpr std::uint64_t kRowsAtOnce = 256;  // whose values are in memory twice

// Only statements that read or write rows: transactions go through begin() and commit(), which
// count them, and tables through migrations.
// The verb, in capitals.
std::string check_verb(std::string_view statement) {
  std::size_t at = 0;
  for (bool again = true; again;) {
    again = false;
    while (at < statement.size() && std::isspace(static_cast<unsigned char>(statement[at]))) ++at;
    if (statement.substr(at).starts_with("--")) {
      at = std::min(statement.find('\n', at), statement.size());
      again = true;
    } else if (statement.substr(at).starts_with("/*")) {
      const auto end = statement.find("*/", at + 2);
      at = end == std::string_view::npos ? statement.size() : end + 2;
      again = true;
    }
  }
  std::string verb;
  while (at < statement.size() && std::isalpha(static_cast<unsigned char>(statement[at])) &&
         verb.size() < 8)
    verb += static_cast<char>(std::toupper(static_cast<unsigned char>(statement[at++])));
  for (const char* allowed : {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
    if (verb == allowed) return verb;
  throw Problem(403, "statement_denied",
                "Only SELECT, INSERT, UPDATE, DELETE and WITH are for plugins; tables belong into "
                "migrations, transactions to begin() and commit().");
}

storage::Value value_of(const serai_value& value) {
  switch (value.type) {
    case SERAI_NULL:
      return std::monostate{};
    case SERAI_INTEGER:
      return value.as.integer;
    case SERAI_REAL:
      return value.as.real;
    case SERAI_TEXT:
      return view(value.as.bytes);
    case SERAI_BLOB: {
      const auto bytes = view(value.as.bytes);
      return storage::Bytes(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
    }
    default:
      throw bad_request("A value has an unknown type.");
  }
}

void convert(const serai_value* values, std::uint64_t count, std::vector<storage::Value>& out) {
  out.clear();
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(value_of(values[i]));
}

void check_width(const serai_value* values, std::uint32_t count) {
  if (count > kMaxValues || (count && !values))
    throw bad_request("That many values are not possible.");
}

bool has_word(std::string_view text, std::string_view wanted) {
  const auto in_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  const auto same = [](char left, char right) {
    return std::toupper(static_cast<unsigned char>(left)) == right;
  };
  for (auto at = text.begin(); at != text.end(); ++at) {
    at = std::search(at, text.end(), wanted.begin(), wanted.end(), same);
    if (at == text.end()) return false;
    const auto after = at + static_cast<std::ptrdiff_t>(wanted.size());
    if ((at == text.begin() || !in_word(at[-1])) && (after == text.end() || !in_word(*after)))
      return true;
  }
  return false;
}

// WITH stands before reading and writing statements alike. Whoever has such a word in a literal is
// taken for one who writes, which only costs a look.
bool writes(std::string_view verb, std::string_view statement) {
  return verb != "SELECT" && (verb != "WITH" || has_word(statement, "INSERT") ||
                              has_word(statement, "UPDATE") || has_word(statement, "DELETE"));
}

serai_value cell_of(const storage::Value& value) {
  serai_value out{};
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out.type = SERAI_INTEGER;
    out.as.integer = *integer;
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.type = SERAI_REAL;
    out.as.real = *real;
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    out.type = SERAI_TEXT;
    out.as.bytes = {text->data(), text->size()};
  } else if (const auto* bytes = std::get_if<storage::Bytes>(&value)) {
    out.type = SERAI_BLOB;
    out.as.bytes = {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
  return out;
}

void count_rows(CallContext& context, std::int64_t rows) {
  context.used.add(usage::Unit::sql_rows, rows);
}

serai_status query(serai_call call, serai_str statement, const serai_value* values,
                   std::uint32_t value_count, std::uint64_t max_rows, serai_rows* out) noexcept {
  return boundary(call, Interface::sql, Need::token, "sql.query", [&](CallContext& context) {
    serai_rows& lent = require(out);
    const auto text = view(statement);
    const auto verb = check_verb(text);
    check_width(values, value_count);
    std::vector<storage::Value> arguments;
    convert(values, value_count, arguments);
    const auto limit = max_rows == 0 ? kDefaultRows : std::min(max_rows, kMaxRows);
    auto open = std::make_unique<OpenRows>();
    context.used.add(usage::Unit::sql_statements, 1);
    open->rows = context.plugin_session().query(text, arguments, limit);
    for (const auto& name : open->rows.columns()) open->names.push_back({name.data(), name.size()});
    open->cells.reserve(open->rows.cells().size());
    for (const auto& cell : open->rows.cells()) open->cells.push_back(cell_of(cell));
    const OpenRows& kept = *open;
    count_rows(context, static_cast<std::int64_t>(kept.rows.size()));
    lent = {};
    lent.row_count = kept.rows.size();
    lent.column_count = static_cast<std::uint32_t>(kept.names.size());
    lent.names = kept.names.data();
    lent.cells = kept.cells.data();
    lent.handle = context.add_rows(std::move(open));
    if (writes(verb, text)) context.note_write();
  });
}

serai_status execute(serai_call call, serai_str statement, const serai_value* values,
                     std::uint32_t value_count, std::int64_t* changed) noexcept {
  return boundary(call, Interface::sql, Need::token, "sql.execute", [&](CallContext& context) {
    const auto text = view(statement);
    check_verb(text);
    check_width(values, value_count);
    std::vector<storage::Value> arguments;
    convert(values, value_count, arguments);
    context.used.add(usage::Unit::sql_statements, 1);
    const std::int64_t count = context.plugin_session().execute(text, arguments);
    count_rows(context, count);
    if (changed) *changed = count;
    if (count > 0) context.note_write();
  });
}

serai_status execute_many(serai_call call, serai_str statement, const serai_value* values,
                          std::uint32_t value_count, std::uint64_t row_count,
                          std::int64_t* changed) noexcept {
  return boundary(call, Interface::sql, Need::token, "sql.execute_many", [&](CallContext& context) {
    const auto text = view(statement);
    check_verb(text);
    if (row_count > kMaxBatch || (row_count && value_count && !values))
      throw bad_request("That many rows are not possible.");
    if (row_count > 0) check_width(values, value_count);
    std::int64_t count = 0;
    std::vector<storage::Value> arguments;
    // A savepoint of its own inside of an open transaction: all rows or none.
    context.begin_transaction();
    try {
      if (row_count > 0) context.note_write();
      for (std::uint64_t row = 0; row < row_count; row += kRowsAtOnce) {
        const auto rows = std::min(row_count - row, kRowsAtOnce);
        convert(values + row * value_count, rows * value_count, arguments);
        context.used.add(usage::Unit::sql_statements, static_cast<std::int64_t>(rows));
        count += context.plugin_session().execute_many(text, rows, arguments);
      }
    } catch (...) {
      context.rollback_transaction();
      throw;
    }
    context.commit_transaction();
    count_rows(context, count);
    if (changed) *changed = count;
  });
}

void release(serai_call call, serai_handle rows) noexcept {
  boundary(call, Interface::sql, Need::memory, "sql.release",
           [&](CallContext& context) { context.release_rows(rows); });
}

serai_status begin(serai_call call) noexcept {
  return boundary(call, Interface::sql, Need::token, "sql.begin",
                  [](CallContext& context) { context.begin_transaction(); });
}
serai_status commit(serai_call call) noexcept {
  return boundary(call, Interface::sql, Need::token, "sql.commit",
                  [](CallContext& context) { context.commit_transaction(); });
}
serai_status rollback(serai_call call) noexcept {
  return boundary(call, Interface::sql, Need::memory, "sql.rollback",
                  [](CallContext& context) { context.rollback_transaction(); });
}

constexpr serai_sql_api kTable{
    sizeof(serai_sql_api), 0, query, execute, execute_many, release, begin, commit, rollback};

}  // namespace

const void* sql_table() noexcept { return &kTable; }

}  // namespace host::plugins
