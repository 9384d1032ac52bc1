#include "storage/sqlite/snapshot.hpp"

#include <algorithm>
#include <stdexcept>

namespace host::storage::sqlite {
namespace {

class Snapshot final : public Session {
 public:
  Snapshot(std::shared_ptr<Database> database, Deadline deadline)
      : database_(std::move(database)), connection_(database_->file(), Connection::Role::reader) {
    connection_.set_deadline(deadline);
    // The first read settles which state it is.
    connection_.run("BEGIN; SELECT count(*) FROM sqlite_schema");
  }
  ~Snapshot() override { connection_.run_quietly("ROLLBACK"); }

  using Session::execute;
  using Session::query;
  Rows query(std::string_view sql, std::span<const Value> values, std::size_t max_rows) override {
    return connection_.query(connection_.prepare(access_, sql), values, max_rows);
  }
  std::int64_t execute(std::string_view, std::span<const Value>) override { refuse(); }
  void begin() override { refuse(); }
  void commit() override { refuse(); }
  void rollback() noexcept override {}
  bool in_transaction() const override { return false; }
  void only_read() override {}  // as ever
  void confine(std::string_view prefix) override { access_.prefix = prefix; }
  std::string confined_to() const override { return access_.prefix; }
  std::string_view tenant() const override { return database_->tenant(); }
  void set_deadline(Deadline deadline) override { connection_.set_deadline(deadline); }

 private:
  [[noreturn]] static void refuse() { throw std::logic_error("a snapshot is for reading only"); }

  std::shared_ptr<Database> database_;
  Connection connection_;
  Access access_;
};

}  // namespace

std::unique_ptr<Session> make_snapshot(std::shared_ptr<Database> database, Deadline deadline) {
  return std::make_unique<Snapshot>(std::move(database), deadline);
}

std::vector<TableShape> table_shapes(Session& session) {
  std::vector<TableShape> tables;
  const Rows names = session.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'serai_migrations' AND "
      "substr(name, 1, 7) <> 'sqlite_' ORDER BY name");
  for (std::size_t i = 0; i < names.size(); ++i) {
    TableShape table;
    table.name = names.text(i, "name");
    // hidden: 2 and 3 are generated columns.
    const Rows columns = session.query(
        "SELECT name, pk FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY name", {table.name});
    std::vector<std::pair<std::int64_t, std::string>> key;
    for (std::size_t row = 0; row < columns.size(); ++row) {
      table.columns.push_back(columns.text(row, "name"));
      if (columns.integer(row, "pk") > 0)
        key.emplace_back(columns.integer(row, "pk"), columns.text(row, "name"));
    }
    std::sort(key.begin(), key.end());
    for (auto& [place, name] : key) table.key.push_back(std::move(name));
    const Rows references = session.query(
        "SELECT DISTINCT \"table\" AS other FROM pragma_foreign_key_list($1) ORDER BY 1",
        {table.name});
    for (std::size_t row = 0; row < references.size(); ++row)
      table.refers_to.push_back(references.text(row, "other"));
    tables.push_back(std::move(table));
  }
  return in_order_of_reference(std::move(tables));
}

}  // namespace host::storage::sqlite
