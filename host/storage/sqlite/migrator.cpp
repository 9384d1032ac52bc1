#include "storage/sqlite/migrator.hpp"

#include <map>
#include <stdexcept>

#include <sodium.h>

#include "base/time.hpp"
#include "storage/sql_text.hpp"
#include "storage/sqlite/ddl.hpp"

namespace host::storage::sqlite {
namespace {

const Access kEverything;

std::string checksum(const Migration& migration) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  const std::string text = migration.up + '\0' + migration.down;
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  char hex[2 * sizeof hash + 1];
  sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
  return hex;
}

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

struct Applied {
  std::string name, checksum, down, at;
};

std::map<int, Applied> applied(Connection& writer, const std::string& owner) {
  const Value values[] = {std::string_view(owner)};
  const Rows rows = writer.query(
      writer.prepare(kEverything,
                     "SELECT number, name, checksum, down, applied_at FROM serai_migrations "
                     "WHERE owner = $1"),
      values, 100'000);
  std::map<int, Applied> result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result[static_cast<int>(rows.integer(i, "number"))] = {
        rows.text(i, "name"), rows.text(i, "checksum"), rows.text(i, "down"),
        rows.text(i, "applied_at")};
  }
  return result;
}

std::string title(const std::string& owner, int number, const std::string& name) {
  return owner + ": migration " + std::to_string(number) + " " + name;
}

}  // namespace

PreparedSet prepare_set(const MigrationSet& set) {
  std::string faults;
  for (const std::string& fault : lint(set)) faults += (faults.empty() ? "" : "\n") + fault;
  if (!faults.empty()) throw std::runtime_error(faults);
  PreparedSet prepared;
  prepared.owner = set.owner;
  // The host's rooms are not confined: their tables may carry either prefix.
  const std::string prefix = table_prefix(set.owner);
  prepared.access = {prefix == "serai_" ? "" : prefix, true};
  for (const Migration& migration : set.migrations) {
    PreparedSet::Step step{
        migration.number, migration.name, checksum(migration), {}, migration.down};
    for (const std::string_view statement : split_statements(migration.up)) {
      step.up.push_back(to_sqlite(statement));
    }
    prepared.steps.push_back(std::move(step));
  }
  return prepared;
}

void ensure_migrations_table(Connection& writer) {
  writer.run(
      "CREATE TABLE IF NOT EXISTS serai_migrations (owner TEXT NOT NULL, number INTEGER NOT NULL, "
      "name TEXT NOT NULL, checksum TEXT NOT NULL, down TEXT NOT NULL, applied_at TEXT NOT NULL, "
      "PRIMARY KEY (owner, number)) STRICT");
}

bool apply(Connection& writer, const PreparedSet& set) {
  const auto done = applied(writer, set.owner);
  for (const auto& step : set.steps) {
    const auto found = done.find(step.number);
    if (found != done.end() && found->second.checksum != step.checksum) {
      throw std::runtime_error(title(set.owner, step.number, step.name) +
                               " was changed after it had been applied; restore its text and add a "
                               "new migration instead");
    }
  }
  bool any = false;
  for (const auto& step : set.steps) {
    if (done.contains(step.number)) continue;
    any = true;
    in_transaction(writer, title(set.owner, step.number, step.name), [&] {
      for (const std::string& statement : step.up) {
        writer.execute(writer.prepare(set.access, statement), {});
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
  const std::string prefix = table_prefix(owner);
  const Access access{prefix == "serai_" ? "" : prefix, true};
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

std::vector<MigrationStatus> status(Connection& writer,
                                    const std::vector<std::shared_ptr<const PreparedSet>>& sets) {
  std::vector<MigrationStatus> result;
  for (const auto& set : sets) {
    auto done = applied(writer, set->owner);
    for (const auto& step : set->steps) {
      const auto found = done.find(step.number);
      const bool is = found != done.end();
      result.push_back({set->owner, step.number, step.name, is, is ? found->second.at : "",
                        !is || found->second.checksum == step.checksum});
      if (is) done.erase(found);
    }
    // Applied by a newer version than the one that is registered now.
    for (const auto& [number, entry] : done) {
      result.push_back({set->owner, number, entry.name, true, entry.at, true});
    }
  }
  return result;
}

}  // namespace host::storage::sqlite
