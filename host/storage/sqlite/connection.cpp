#include "storage/sqlite/connection.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <mutex>
#include <thread>

#include <sqlite3.h>

#include "base/problem.hpp"
#include "storage/rows_data.hpp"
#include "storage/sqlite/faults.hpp"
#include "storage/sqlite/functions.hpp"

namespace host::storage::sqlite {
namespace {

constexpr std::size_t kCompiledStatements = 64;
constexpr std::size_t kResultBytes = 256UL * 1024 * 1024;
constexpr int kOperationsBetweenDeadlineChecks = 2000;
constexpr std::chrono::seconds kBusyPatience{5};
constexpr int kPagesBetweenCheckpoints = 1000;

// Before the first handle: no global statistics, which would put a lock around every allocation.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

void set_limits(sqlite3* database) {
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024);
  sqlite3_limit(database, SQLITE_LIMIT_COLUMN, 500);
  sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 500);
  sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, 100);
  sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 500'000);
  sqlite3_limit(database, SQLITE_LIMIT_FUNCTION_ARG, 100);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(database, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
  sqlite3_limit(database, SQLITE_LIMIT_VARIABLE_NUMBER, 32'000);
  sqlite3_limit(database, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
  sqlite3_limit(database, SQLITE_LIMIT_WORKER_THREADS, 0);
}

void harden(sqlite3* database) {
  struct Option {
    int name, value;
  };
  for (const Option option : {Option{SQLITE_DBCONFIG_DEFENSIVE, 1},
                              {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                              {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                              {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
                              {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                              {SQLITE_DBCONFIG_DQS_DML, 0},
                              {SQLITE_DBCONFIG_DQS_DDL, 0},
                              {SQLITE_DBCONFIG_ENABLE_FKEY, 1}}) {
    const int code = sqlite3_db_config(database, option.name, option.value, nullptr);
    if (code != SQLITE_OK) fail(database, code, "cannot harden a connection");
  }
}

constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"  // no sync at a commit; checkpoints sync as ever
    "PRAGMA secure_delete = ON;"    // what is deleted is gone from the file, whoever built SQLite
    "PRAGMA case_sensitive_like = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -1024;"
    "PRAGMA journal_size_limit = 4194304;";

bool equal_case(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return lower(a) == lower(b);
}

bool starts_with(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), name.begin(), equal_case);
}

std::string_view view(const char* text) { return text != nullptr ? text : ""; }

// Which of the values a placeholder means; 0: it is not $n.
std::size_t placeholder(const char* name) {
  if (name == nullptr || name[0] != '$') return 0;
  const std::string_view digits(name + 1);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() ? number : 0;
}

int bind_one(sqlite3_stmt* statement, int index, const Value& value) {
  // Static: the caller's bytes outlive the run, and the bindings are cleared after it.
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, index, *real);
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    const char* data = text->data() != nullptr ? text->data() : "";
    return sqlite3_bind_text64(statement, index, data, text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    if (bytes->empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes->data(), bytes->size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

std::vector<std::size_t> placeholders_of(sqlite3_stmt* statement) {
  std::vector<std::size_t> numbers(
      static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = placeholder(sqlite3_bind_parameter_name(statement, static_cast<int>(i) + 1));
  return numbers;
}

Value read_cell(sqlite3_stmt* statement, int column, Rows::Data& data) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return data.keep(std::string_view(text, size));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return data.keep(Bytes(bytes, size));
    }
    default:
      return std::monostate{};
  }
}

// Resets a statement whatever way its run ends.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  ~Run() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

Connection::Connection(const std::filesystem::path& file, Role role) {
  configure_library();
  const int code = sqlite3_open_v2(
      file.c_str(), &database_,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
      nullptr);
  try {
    if (code != SQLITE_OK) fail(database_, code, "cannot open a database");
    sqlite3_busy_handler(database_, on_busy, this);
    harden(database_);
    register_functions(database_);
    run(kSettings);
    if (role == Role::reader) run("PRAGMA query_only = ON; PRAGMA cache_size = -256");
    set_limits(database_);
    sqlite3_progress_handler(database_, kOperationsBetweenDeadlineChecks, on_progress, this);
    sqlite3_set_authorizer(database_, authorise, this);
    sqlite3_wal_hook(database_, on_commit, this);
  } catch (...) {
    sqlite3_close(database_);
    throw;
  }
}

Connection::~Connection() {
  forget_statements();
  armed_ = false;
  sqlite3_close(database_);
}

void Connection::forget_statements() {
  by_key_.clear();
  for (const Compiled& entry : compiled_) sqlite3_finalize(entry.statement);
  compiled_.clear();
}

void Connection::release_memory() {
  forget_statements();
  sqlite3_db_release_memory(database_);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

const Connection::Compiled& Connection::prepare(const Access& access, std::string_view sql) {
  std::string key;
  key.reserve(access.prefix.size() + sql.size() + 2);
  key += access.prefix;
  key += access.schema_changes ? '\1' : '\0';
  key += sql;
  // SQLite compiles a cached statement anew after a change of the schema and then asks the
  // authoriser again: it must answer for the same access as at first.
  access_ = &access;
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    compiled_.splice(compiled_.begin(), compiled_, found->second);
    return *found->second;
  }
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  denied_ = false;
  const int code =
      sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(std::min(sql.size(), 1UL << 30)),
                         SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  // Refusing a built-in virtual table comes back as a failure of its constructor.
  if (code != SQLITE_OK && denied_) {
    throw SqlError(SqlFault::denied, std::string("not allowed: ") + sqlite3_errmsg(database_));
  }
  if (code != SQLITE_OK) fail(database_, code, "cannot prepare");
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  if (statement == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement);
    throw SqlError(SqlFault::syntax, "exactly one statement is wanted");
  }
  if (compiled_.size() >= kCompiledStatements) {
    by_key_.erase(compiled_.back().key);
    sqlite3_finalize(compiled_.back().statement);
    compiled_.pop_back();
  }
  compiled_.push_front({std::move(key), statement, placeholders_of(statement)});
  Compiled& compiled = compiled_.front();
  if (!compiled.placeholders.empty())
    compiled.highest = *std::ranges::max_element(compiled.placeholders);
  by_key_.emplace(compiled.key, compiled_.begin());
  return compiled;
}

bool Connection::read_only(const Compiled& compiled) {
  return sqlite3_stmt_readonly(compiled.statement) != 0;
}

void Connection::bind(const Compiled& compiled, std::span<const Value> values) {
  int index = 0;
  for (const std::size_t number : compiled.placeholders) {
    if (number == 0 || number > values.size()) {
      throw SqlError(SqlFault::syntax, "a placeholder has no value, or is not of the form $n");
    }
    const int code = bind_one(compiled.statement, ++index, values[number - 1]);
    if (code != SQLITE_OK) fail(database_, code, "cannot bind");
  }
  if (compiled.highest != values.size()) {
    throw SqlError(SqlFault::syntax, "more values than placeholders");
  }
}

Rows Connection::query(const Compiled& compiled, std::span<const Value> values,
                       std::size_t max_rows) {
  sqlite3_stmt* const statement = compiled.statement;
  const Run reset(statement);
  bind(compiled, values);
  auto data = std::make_unique<Rows::Data>();
  for (int code = sqlite3_step(statement); code != SQLITE_DONE; code = sqlite3_step(statement)) {
    if (code != SQLITE_ROW) fail(database_, code, "cannot run");
    if (data->rows == max_rows || data->bytes > kResultBytes) {
      throw Problem(413, "result_too_large", "The result is larger than what can be given.");
    }
    ++data->rows;
    const int columns = sqlite3_data_count(statement);
    for (int i = 0; i < columns; ++i) data->cells.push_back(read_cell(statement, i, *data));
  }
  // After the first step: a change of the schema may have changed the columns.
  const int columns = sqlite3_column_count(statement);
  for (int i = 0; i < columns; ++i)
    data->columns.emplace_back(view(sqlite3_column_name(statement, i)));
  return Rows(std::move(data));
}

std::int64_t Connection::execute(const Compiled& compiled, std::span<const Value> values) {
  sqlite3_stmt* const statement = compiled.statement;
  const Run reset(statement);
  bind(compiled, values);
  const sqlite3_int64 before = sqlite3_total_changes64(database_);
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code != SQLITE_DONE) fail(database_, code, "cannot run");
  return sqlite3_total_changes64(database_) == before ? 0 : sqlite3_changes64(database_);
}

void Connection::run(const char* sql) {
  static const Access everything;
  access_ = &everything;
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_, code, "cannot run the host's own statement");
}

void Connection::run_quietly(const char* sql) noexcept {
  static const Access everything;
  access_ = &everything;
  armed_ = false;
  sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  armed_ = true;
}

int Connection::on_progress(void* self) noexcept {
  const auto* connection = static_cast<Connection*>(self);
  return connection->armed_ && std::chrono::steady_clock::now() >= connection->deadline_ ? 1 : 0;
}

// In place of SQLite's own hook, which does no more than the checkpoint. One that cannot be made
// now is made after a later commit.
int Connection::on_commit(void* self, sqlite3* database, const char* schema, int pages) noexcept {
  static_cast<Connection*>(self)->logged_ = true;
  if (pages >= kPagesBetweenCheckpoints) {
    sqlite3_wal_checkpoint_v2(database, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  return SQLITE_OK;
}

// Another process (a backup, the command line) holds a lock: our own threads queue elsewhere.
int Connection::on_busy(void* self, int attempts) noexcept {
  const auto* connection = static_cast<Connection*>(self);
  using namespace std::chrono;
  static constexpr milliseconds kPause{5};
  if (attempts * kPause >= kBusyPatience) return 0;
  if (steady_clock::now() + kPause >= connection->deadline_) return 0;
  std::this_thread::sleep_for(kPause);
  return 1;
}

bool Connection::own(std::string_view table) const { return starts_with(table, access_->prefix); }

// A common table expression, of which SQLite asks as if it were a table when none of its columns is
// read (count(*)): anything that is no table, view or built-in module.
bool Connection::unknown_name(std::string_view table) const {
  for (const std::string_view reserved : {"sqlite_", "pragma_", "serai_", "json_", "fts", "rtree",
                                          "dbstat", "bytecode", "tables_used", "geopoly"}) {
    if (starts_with(table, reserved)) return false;
  }
  if (objects_ == nullptr) return false;
  std::string name(table);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return !objects_->contains(name);
}

int Connection::authorise(void* self, int action, const char* a, const char* b, const char* schema,
                          const char*) noexcept {
  auto* connection = static_cast<Connection*>(self);
  int decision = SQLITE_DENY;
  try {
    decision = connection->decide(action, view(a), view(b), view(schema));
  } catch (...) {  // out of memory: denied
  }
  if (decision != SQLITE_OK) connection->denied_ = true;
  return decision;
}

int Connection::decide(int action, std::string_view a, std::string_view b,
                       std::string_view schema) const {
  if (access_ == nullptr) return SQLITE_DENY;
  if (access_->prefix.empty()) return SQLITE_OK;
  if (!schema.empty() && schema != "main" && !access_->schema_changes) return SQLITE_DENY;
  const auto allow = [](bool yes) { return yes ? SQLITE_OK : SQLITE_DENY; };
  const bool schema_table = a == "sqlite_master" || a == "sqlite_temp_master";
  const bool changing = access_->schema_changes;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return allow(own(a) || (b.empty() && unknown_name(a)) || (changing && schema_table));
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return allow(own(a) || (changing && schema_table));
    case SQLITE_FUNCTION:
      return allow(changing || (!starts_with(b, "sqlite_") && !starts_with(b, "fts3_") &&
                                b != "load_extension"));
    case SQLITE_CREATE_TABLE:
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_VIEW:
      return allow(changing && own(a));
    case SQLITE_CREATE_INDEX:  // SQLite's own indexes of unique columns bear its own names
    case SQLITE_DROP_INDEX:
    case SQLITE_ALTER_TABLE:
      return allow(changing && own(b));
    case SQLITE_REINDEX:  // after CREATE INDEX on a filled table
      return allow(changing);
    default:
      return SQLITE_DENY;
  }
}

}  // namespace host::storage::sqlite
