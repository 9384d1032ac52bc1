#include "cli/isolation_test/books.hpp"

#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace host::cli::isolation_test {
namespace {

std::vector<std::string> names(const storage::Rows& rows) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(rows.text(i, "name"));
  return all;
}

class SqliteBooks final : public Books {
 public:
  explicit SqliteBooks(std::filesystem::path data) : data_(std::move(data)) {}

  std::vector<std::string> tables(storage::Session& session, bool) const override {
    return names(session.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' "
        "ESCAPE '!' ORDER BY name"));
  }
  std::vector<std::string> columns(storage::Session& session,
                                   const std::string& table) const override {
    return names(session.query("SELECT name FROM pragma_table_info('" + table + "')"));
  }
  std::string mark_of_tenant(const std::string& tenant) const override {
    return commits("tenants/" + tenant + "/tenant.db");
  }
  std::string mark_of_platform() const override { return commits("platform.db"); }

 private:
  // The counter of commits in SQLite's index of the log; a read of 48 bytes.
  std::string commits(const std::string& database) const {
    const auto file = data_ / (database + "-shm");
    std::string bytes(48, '\0');
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {};
    const auto got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
    ::close(descriptor);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }

  const std::filesystem::path data_;
};

class PostgresBooks final : public Books {
 public:
  PostgresBooks(storage::Store& store, std::function<CallToken(const std::string&)> token_of)
      : store_(store), token_of_(std::move(token_of)) {}

  std::vector<std::string> tables(storage::Session& session, bool platform) const override {
    return names(session.query(
        std::string("SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = "
                    "'serai_") +
        (platform ? "platform" : "tenants") + "' ORDER BY name"));
  }
  std::vector<std::string> columns(storage::Session& session,
                                   const std::string& table) const override {
    return names(
        session.query("SELECT attname::text AS name FROM pg_catalog.pg_attribute WHERE attrelid = "
                      "pg_catalog.to_regclass('serai_platform.\"" +
                      table + "\"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum"));
  }
  // How many rows of each table, and the sum of the transactions that wrote them: counted where
  // they lie, which costs a fraction of fetching them. A row that is changed has another one.
  std::string mark_of_tenant(const std::string& tenant) const override {
    const auto session = store_.tenant(token_of_(tenant));
    if (counting_.empty()) {
      for (const auto& table : tables(*session, false))
        counting_ += (counting_.empty() ? "" : ", ") +
                     ("(SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM \"" +
                      table + "\")");
      counting_ = "SELECT pg_catalog.concat_ws(' ', " + counting_ + ") AS name";
    }
    return session->query(counting_).text(0, "name");
  }
  std::string mark_of_platform() const override {
    return store_.platform()
        ->query("SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS name")
        .text(0, "name");
  }

 private:
  storage::Store& store_;
  const std::function<CallToken(const std::string&)> token_of_;
  mutable std::string counting_;  // all plugins are there before anybody asks
};

}  // namespace

std::unique_ptr<Books> sqlite_books(std::filesystem::path data) {
  return std::make_unique<SqliteBooks>(std::move(data));
}
std::unique_ptr<Books> postgres_books(
    storage::Store& store, std::function<CallToken(const std::string& tenant)> token_of) {
  return std::make_unique<PostgresBooks>(store, std::move(token_of));
}

}  // namespace host::cli::isolation_test
