#include "database.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>

#include "serai/clock.hpp"

namespace serai::testing {
namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

void sql_now(sqlite3_context* context, int, sqlite3_value**) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string text = to_text(now);
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void sql_uuid(sqlite3_context* context, int, sqlite3_value**) {
  unsigned char bytes[16];
  sqlite3_randomness(sizeof(bytes), bytes);
  char text[37];
  char* out = text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    (void)std::snprintf(out, 3, "%02x", bytes[i]);
    out += 2;
  }
  sqlite3_result_text(context, text, 36, SQLITE_TRANSIENT);
}

void sql_strpos(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const auto* part = reinterpret_cast<const char*>(sqlite3_value_text(values[1]));
  if (text == nullptr || part == nullptr) return sqlite3_result_null(context);
  const char* found = std::strstr(text, part);
  sqlite3_result_int64(context, found == nullptr ? 0 : found - text + 1);
}

double number_of(sqlite3_value* value) { return sqlite3_value_double(value); }

void sql_extreme(sqlite3_context* context, int count, sqlite3_value** values, bool greatest) {
  sqlite3_value* best = nullptr;
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) continue;
    if (best == nullptr) {
      best = values[i];
      continue;
    }
    bool more = false;
    if (sqlite3_value_type(best) == SQLITE_TEXT) {
      more = std::strcmp(reinterpret_cast<const char*>(sqlite3_value_text(values[i])),
                         reinterpret_cast<const char*>(sqlite3_value_text(best))) > 0;
    } else {
      more = number_of(values[i]) > number_of(best);
    }
    if (more == greatest) best = values[i];
  }
  if (best == nullptr) return sqlite3_result_null(context);
  sqlite3_result_value(context, best);
}

void sql_greatest(sqlite3_context* context, int count, sqlite3_value** values) {
  sql_extreme(context, count, values, true);
}
void sql_least(sqlite3_context* context, int count, sqlite3_value** values) {
  sql_extreme(context, count, values, false);
}

int compare_bytes(void*, int left_size, const void* left, int right_size, const void* right) {
  const int order =
      std::memcmp(left, right, static_cast<std::size_t>(std::min(left_size, right_size)));
  return order != 0 ? order : left_size - right_size;
}

void bind(sqlite3_stmt* statement, const serai_value* values, std::uint32_t count) {
  // A position nobody mentions is fine; a placeholder without a value is not.
  const int wanted = sqlite3_bind_parameter_count(statement);
  for (int i = 1; i <= wanted; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    if (name == nullptr || name[0] != '$') {
      throw Problem(400, "syntax", "Placeholders are written $1, $2, ...");
    }
    const long position = std::strtol(name + 1, nullptr, 10);
    if (position < 1 || static_cast<unsigned long>(position) > count) {
      throw Problem(400, "syntax",
                    "The statement has " + std::string(name) + " but " + std::to_string(count) +
                        " values were given.");
    }
    const serai_value& value = values[position - 1];
    const auto size = static_cast<sqlite3_uint64>(value.as.bytes.size);
    switch (value.type) {
      case SERAI_NULL:
        sqlite3_bind_null(statement, i);
        break;
      case SERAI_INTEGER:
        sqlite3_bind_int64(statement, i, value.as.integer);
        break;
      case SERAI_REAL:
        sqlite3_bind_double(statement, i, value.as.real);
        break;
      case SERAI_TEXT:
        sqlite3_bind_text64(statement, i, size == 0 ? "" : value.as.bytes.data, size,
                            SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
      case SERAI_BLOB:
        sqlite3_bind_blob64(statement, i, size == 0 ? "" : value.as.bytes.data, size,
                            SQLITE_TRANSIENT);
        break;
      default:
        throw Problem(400, "bad_value", "A value has an unknown type.");
    }
  }
}

serai_value read_cell(sqlite3_stmt* statement, int column, Result* out) {
  serai_value value{};
  const auto keep = [&](std::uint32_t type, const void* bytes) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    const std::string& copy =
        out->texts.emplace_back(size == 0 ? "" : static_cast<const char*>(bytes), size);
    value.type = type;
    value.as.bytes = {copy.data(), copy.size()};
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      value.type = SERAI_INTEGER;
      value.as.integer = sqlite3_column_int64(statement, column);
      break;
    case SQLITE_FLOAT:
      value.type = SERAI_REAL;
      value.as.real = sqlite3_column_double(statement, column);
      break;
    case SQLITE_TEXT:
      keep(SERAI_TEXT, sqlite3_column_text(statement, column));
      break;
    case SQLITE_BLOB:
      keep(SERAI_BLOB, sqlite3_column_blob(statement, column));
      break;
    default:
      value.type = SERAI_NULL;
  }
  return value;
}

}  // namespace

Database::Database(std::string table_prefix) : prefix_(std::move(table_prefix)) {
  if (sqlite3_open(":memory:", &connection_) != SQLITE_OK) {
    throw std::runtime_error("SQLite cannot be opened in memory.");
  }
  execute("PRAGMA foreign_keys=ON");
  execute("PRAGMA case_sensitive_like=ON");
  const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
  sqlite3_create_function(connection_, "now", 0, flags, nullptr, sql_now, nullptr, nullptr);
  sqlite3_create_function(connection_, "gen_random_uuid", 0, flags, nullptr, sql_uuid, nullptr,
                          nullptr);
  const int pure = flags | SQLITE_DETERMINISTIC;
  sqlite3_create_function(connection_, "strpos", 2, pure, nullptr, sql_strpos, nullptr, nullptr);
  sqlite3_create_function(connection_, "greatest", -1, pure, nullptr, sql_greatest, nullptr,
                          nullptr);
  sqlite3_create_function(connection_, "least", -1, pure, nullptr, sql_least, nullptr, nullptr);
  sqlite3_create_collation(connection_, "C", SQLITE_UTF8, nullptr, compare_bytes);
  sqlite3_set_authorizer(connection_, authorise, this);
}

Database::~Database() { sqlite3_close_v2(connection_); }

int Database::authorise(void* self, int action, const char* first, const char* second, const char*,
                        const char*) {
  auto* database = static_cast<Database*>(self);
  if (!database->restricted_) return SQLITE_OK;
  const char* table = nullptr;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      table = first;
      break;
    default:
      database->denied_ = "statements other than SELECT, INSERT, UPDATE and DELETE";
      return SQLITE_DENY;
  }
  (void)second;
  if (table == nullptr || *table == '\0' ||
      std::string_view(table).starts_with(database->prefix_)) {
    return SQLITE_OK;
  }
  database->denied_ = "the table " + std::string(table);
  return SQLITE_DENY;
}

void Database::fail(int code) {
  // Statuses and codes are the host's, so that a plugin can tell them apart in its tests too.
  const std::string text = sqlite3_errmsg(connection_);
  switch (sqlite3_extended_errcode(connection_)) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      throw Problem(409, "unique", text);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      throw Problem(409, "foreign_key", text);
    case SQLITE_CONSTRAINT_NOTNULL:
      throw Problem(422, "not_null", text);
    case SQLITE_CONSTRAINT_CHECK:
      throw Problem(422, "check", text);
    default:
      break;
  }
  if (code == SQLITE_AUTH) {
    throw Problem(403, "denied",
                  "The plugin may not use " + denied_ + "; its tables begin with " + prefix_ + ".");
  }
  throw Problem(400, "syntax", text);
}

void Database::execute(const std::string& statement) {
  if (sqlite3_exec(connection_, statement.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(SQLITE_ERROR);
  }
}

void Database::migrate(const std::string& name, const std::string& text) {
  try {
    execute(text);
  } catch (const Problem& problem) {
    throw std::invalid_argument(name + ": " + problem.detail);
  }
}

void Database::refuse_to_write() {
  throw Problem(403, "denied", "This route is marked read_only: it cannot write.");
}

void Database::run(std::string_view statement, const serai_value* values, std::uint32_t count,
                   std::uint64_t max_rows, Result* out) {
  restricted_ = true;
  try {
    run_as_test(statement, values, count, max_rows, out);
  } catch (...) {
    restricted_ = false;
    throw;
  }
  restricted_ = false;
  rows_ += static_cast<std::int64_t>(out->row_count) + out->changed;
}

void Database::run_as_test(std::string_view statement, const serai_value* values,
                           std::uint32_t count, std::uint64_t max_rows, Result* out) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  denied_.clear();
  const int prepared = sqlite3_prepare_v2(connection_, statement.data(),
                                          static_cast<int>(statement.size()), &raw, &tail);
  const Statement owner(raw);
  if (prepared != SQLITE_OK) fail(prepared);
  const std::string_view rest(tail, static_cast<std::size_t>(statement.end() - tail));
  if (raw == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    throw Problem(400, "syntax", "Exactly one statement can be run at a time.");
  }
  if (restricted_ && only_read_ && !sqlite3_stmt_readonly(raw)) refuse_to_write();
  bind(raw, values, count);
  const int columns = sqlite3_column_count(raw);
  for (int column = 0; column < columns; ++column) {
    const std::string& copy = out->texts.emplace_back(sqlite3_column_name(raw, column));
    out->names.push_back({copy.data(), copy.size()});
  }
  const std::int64_t before = sqlite3_total_changes64(connection_);
  int step = sqlite3_step(raw);
  for (; step == SQLITE_ROW; step = sqlite3_step(raw)) {
    if (max_rows != 0 && out->row_count == max_rows) {
      throw Problem(413, "too_many_rows",
                    "The result has more than " + std::to_string(max_rows) + " rows.");
    }
    ++out->row_count;
    for (int column = 0; column < columns; ++column) {
      out->cells.push_back(read_cell(raw, column, out));
    }
  }
  if (step != SQLITE_DONE) fail(step);
  out->changed = sqlite3_total_changes64(connection_) - before;
  if (!sqlite3_stmt_readonly(raw)) out->changed = sqlite3_changes64(connection_);
}

void Database::begin() {
  if (only_read_) refuse_to_write();
  execute(depth_ == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT s" + std::to_string(depth_));
  ++depth_;
}

void Database::commit() {
  if (depth_ == 0) throw Problem(400, "no_transaction", "There is no open transaction.");
  --depth_;
  execute(depth_ == 0 ? "COMMIT" : "RELEASE s" + std::to_string(depth_));
}

void Database::rollback() {
  if (depth_ == 0) throw Problem(400, "no_transaction", "There is no open transaction.");
  --depth_;
  if (depth_ == 0) return execute("ROLLBACK");
  const std::string name = "s" + std::to_string(depth_);
  execute("ROLLBACK TO " + name + "; RELEASE " + name);
}

}  // namespace serai::testing
