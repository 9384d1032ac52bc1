#include "storage/sqlite/migrator.hpp"

#include <stdexcept>

#include "base/time.hpp"
#include "storage/sql_text.hpp"
#include "storage/sqlite/ddl.hpp"

namespace host::storage::sqlite {
namespace {

const Access kEverything;

// Statements of one migration and its book-keeping, all or nothing.
template <class Work>
void in_transaction(Connection& writer, const std::string& what, Work work) {
  writer.run("BEGIN IMMEDIATE");
  try {
    work();
    const Rows broken =
        writer.query(writer.prepare(kEverything, "PRAGMA foreign_key_check"), {}, 100'000);
    if (!broken.empty()) throw std::runtime_error("it leaves rows without the rows they refer to");
    writer.run("COMMIT");
  } catch (const std::exception& error) {
    writer.run_quietly("ROLLBACK");
    throw std::runtime_error(what + " failed: " + error.what());
  }
}

AppliedSteps applied(Connection& writer, const std::string& owner) {
  const Value values[] = {std::string_view(owner)};
  const Rows rows = writer.query(
      writer.prepare(kEverything,
                     "SELECT number, name, checksum, down, applied_at FROM serai_migrations "
                     "WHERE owner = $1"),
      values, 100'000);
  AppliedSteps result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result[static_cast<int>(rows.integer(i, "number"))] = {
        rows.text(i, "name"), rows.text(i, "checksum"), rows.text(i, "down"),
        rows.text(i, "applied_at")};
  }
  return result;
}

// Schema changes of tables with the prefix.
Access changing(std::string prefix) { return {std::move(prefix), true}; }

}  // namespace

void ensure_migrations_table(Connection& writer) {
  writer.run(
      "CREATE TABLE IF NOT EXISTS serai_migrations (owner TEXT NOT NULL, number INTEGER NOT NULL, "
      "name TEXT NOT NULL, checksum TEXT NOT NULL, down TEXT NOT NULL, applied_at TEXT NOT NULL, "
      "PRIMARY KEY (owner, number)) STRICT");
}

bool apply(Connection& writer, const PreparedSet& set) {
  const Access access = changing(set.prefix);
  const auto done = applied(writer, set.owner);
  refuse_changed(set, done);
  bool any = false;
  for (const auto& step : set.steps) {
    if (done.contains(step.number)) continue;
    any = true;
    in_transaction(writer, migration_title(set.owner, step.number, step.name), [&] {
      for (const std::string_view statement : split_statements(step.up)) {
        writer.execute(writer.prepare(access, to_sqlite(statement)), {});
      }
      const std::string at = to_text(now());
      const Value row[] = {std::string_view(set.owner), std::int64_t{step.number},
                           std::string_view(step.name), std::string_view(step.checksum),
                           std::string_view(step.down), std::string_view(at)};
      writer.execute(
          writer.prepare(kEverything, "INSERT INTO serai_migrations VALUES ($1,$2,$3,$4,$5,$6)"),
          row);
    });
  }
  return any;
}

void undo(Connection& writer, const std::string& owner, int number) {
  const auto done = applied(writer, owner);
  const Access access = changing(of_host(owner) ? "" : table_prefix(owner));
  in_transaction(writer, owner + ": undoing to " + std::to_string(number), [&] {
    for (auto step = done.rbegin(); step != done.rend() && step->first > number; ++step) {
      for (const std::string_view statement : split_statements(step->second.down)) {
        writer.execute(writer.prepare(access, to_sqlite(statement)), {});
      }
      const Value key[] = {std::string_view(owner), std::int64_t{step->first}};
      writer.execute(
          writer.prepare(kEverything, "DELETE FROM serai_migrations WHERE owner=$1 AND number=$2"),
          key);
    }
  });
}

std::vector<MigrationStatus> status(Connection& writer, const Sets& sets) {
  std::vector<MigrationStatus> result;
  for (const auto& set : sets) append_status(*set, applied(writer, set->owner), result);
  return result;
}

}  // namespace host::storage::sqlite
