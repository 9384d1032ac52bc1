#include "moves/departure.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "base/time.hpp"
#include "moves/disguise.hpp"

namespace host::moves {
namespace {

constexpr std::size_t kItemBytes = 1UL << 20;
constexpr std::size_t kPiece = 1UL << 20;  // of a blob
constexpr std::size_t kItemLines = 500;

storage::Session& session_of(const Table& table, storage::Session& own,
                             storage::Session& platform) {
  return table.of_platform() ? platform : own;
}

std::set<std::string> kept_blobs(storage::Session& session) {
  std::set<std::string> all;
  std::string last;
  while (true) {
    const auto rows = session.query(
        "SELECT DISTINCT reference FROM plugins_blob_keepers WHERE reference > $1 ORDER BY "
        "reference LIMIT 10000",
        {last});
    for (std::size_t i = 0; i < rows.size(); ++i) all.insert(rows.text(i, "reference"));
    if (rows.size() < 10'000) return all;
    last = rows.text(rows.size() - 1, "reference");
  }
}

Item changed_keys(const std::map<std::string, std::set<std::string>>& by_table) {
  Item all = Item::object();
  for (const auto& [table, keys] : by_table) all[table] = keys;
  return all;
}

[[noreturn]] void changed_meanwhile(const std::string& what) {
  throw conflict("changed_meanwhile", what + " was changed in the meantime; please begin again.");
}

}  // namespace

Item to_item(const Fingerprint& fingerprint) {
  Item all = Item::object();
  for (const auto& [table, hash] : fingerprint) all[table] = {hash.first, hash.second};
  return all;
}

Fingerprint fingerprint(House& house, const CallToken& token, const std::vector<Table>& tables,
                        const std::string& usage_from) {
  Fingerprint all;
  const auto own = house.store.transfer().snapshot(token);
  const auto platform = house.store.transfer().platform_snapshot();
  for (const auto& table : tables) {
    const Disguise disguise(house, token, table);
    RowHash hash;
    TableAccess(table, token.tenant())
        .read(
            session_of(table, *own, *platform),
            [&](Row&& row) {
              disguise.take_off(row);
              hash.add(row);
            },
            table.by_hour ? usage_from : std::string());
    const auto rows = hash.rows();
    all[table.name()] = {rows, hash.digits()};
  }
  return all;
}

// Rows of one table on their way into items of a bounded size.
class Departure::Batch {
 public:
  Batch(SealedWriter& writer, const char* is, const char* what, const std::string& table)
      : writer_(writer), is_(is), what_(what), table_(table) {}
  void add(const Row& row, std::size_t bytes) {
    rows_.push_back(row);
    bytes_ += bytes;
    if (bytes_ >= kItemBytes) flush();
  }
  void flush() {
    if (rows_.empty()) return;
    writer_.write({{"is", is_}, {"table", table_}, {what_, std::move(rows_)}});
    rows_ = Item::array();
    bytes_ = 0;
  }

 private:
  SealedWriter& writer_;
  const char *is_, *what_;
  const std::string& table_;
  Item rows_ = Item::array();
  std::size_t bytes_ = 0;
};

Departure::Departure(House& house, CallToken token)
    : house_(house),
      token_(std::move(token)),
      tables_(tables_of(house.store, token_)),
      migrations_(migrations()) {
  // What is not gathered yet is counted to the present hour or the one before.
  usage_from_ = to_text(std::chrono::floor<std::chrono::hours>(now()) - std::chrono::hours(1));
}

Item Departure::document() const {
  const auto tenant = house_.tenants.find(token_.tenant());
  if (!tenant) throw not_found("Tenant not found");
  return {{"name", tenant->name},
          {"timezone", tenant->timezone},
          {"currency", tenant->currency},
          {"plan", tenant->plan},
          {"settings", tenant->settings},
          {"plugins", tenant->plugins},
          {"created_at", tenant->created_at}};
}

Item Departure::migrations() const {
  Item all = Item::array();
  for (const auto& step : house_.store.migration_status(token_)) {
    // Where blobs lie is each house's own affair.
    if (step.applied && step.owner != "host-blobs")
      all.push_back({step.owner, step.number, step.checksum});
  }
  return all;
}

void Departure::require_same_schema() const {
  const auto present = tables_of(house_.store, token_);
  const bool same = present.size() == tables_.size() &&
                    std::equal(present.begin(), present.end(), tables_.begin(),
                               [](const Table& a, const Table& b) { return a.shape == b.shape; });
  if (!same) changed_meanwhile("The schema of a plugin");
}

void Departure::copy(const StreamKey& key, const SealedWriter::Out& out, bool changes_follow) {
  SealedWriter writer(key, out);
  Item tables = Item::array();
  for (const auto& table : tables_)
    tables.push_back({{"name", table.name()},
                      {"columns", table.shape.columns},
                      {"key", table.shape.key},
                      {"platform", table.of_platform()}});
  writer.write({{"is", "tenant"},
                {"format", 1},
                {"id", token_.tenant()},
                {"document", document()},
                {"migrations", migrations_},
                {"tables", std::move(tables)},
                {"changes_follow", changes_follow}});
  const auto own = house_.store.transfer().snapshot(token_);
  const auto platform = house_.store.transfer().platform_snapshot();
  write_blobs(writer, *own, changes_follow);
  write_rows(writer, *own, *platform);
  write_audit(writer);
  writer.write({{"is", "end"}, {"hashes", to_item(hashes_)}, {"audit_lines", audit_lines_ + 1}},
               true);
}

void Departure::write_table(SealedWriter& writer, const Table& table, storage::Session& session,
                            const std::string& from_hour, RowHash& hash) {
  const Disguise disguise(house_, token_, table);
  Batch batch(writer, "rows", "rows", table.name());
  TableAccess(table, token_.tenant())
      .read(
          session,
          [&](Row&& row) {
            disguise.take_off(row);
            const auto bytes = encoded(row);
            hash.add_encoded(bytes);
            batch.add(row, bytes.size());
          },
          from_hour);
  batch.flush();
}

void Departure::write_rows(SealedWriter& writer, storage::Session& own,
                           storage::Session& platform) {
  for (const auto& table : tables_) {
    RowHash hash;
    write_table(writer, table, session_of(table, own, platform), {}, hash);
    const auto rows = hash.rows();
    hashes_[table.name()] = {rows, hash.digits()};
  }
}

void Departure::write_blobs(SealedWriter& writer, storage::Session& session, bool lenient) {
  std::vector<std::byte> buffer(kPiece);
  for (const auto& reference : kept_blobs(session)) {
    if (blobs_.contains(reference)) continue;
    try {
      const auto reader = house_.blobs.open(token_, reference);
      for (std::uint64_t at = 0; at < reader->size() || reader->size() == 0;) {
        const auto count = reader->read(at, buffer);
        at += count;
        const auto* begin = reinterpret_cast<const std::uint8_t*>(buffer.data());
        writer.write({{"is", "blob"},
                      {"ref", reference},
                      {"data", Item::binary(std::vector<std::uint8_t>(begin, begin + count))},
                      {"last", at >= reader->size()}});
        if (count == 0) break;
      }
      blobs_.insert(reference);
    } catch (const Problem& problem) {
      if (problem.status() != 404) throw;
      // Given up by its plugin since the rows were read; whoever sends changes will say so.
      if (!lenient) changed_meanwhile("A file");
    }
  }
}

void Departure::write_audit(SealedWriter& writer) {
  // What was given out already stands fast; only the head, the last line, moves on.
  const std::uint64_t from = audit_lines_;
  std::uint64_t number = 0;
  std::vector<std::string> lines;
  std::uint64_t first = from;
  const auto flush = [&] {
    if (lines.empty()) return;
    writer.write({{"is", "audit"}, {"from", first}, {"lines", lines}});
    first += lines.size();
    lines.clear();
  };
  house_.audit.export_chain(token_, [&](std::string_view line) {
    if (number++ < from) return;
    lines.emplace_back(line);
    if (lines.size() >= kItemLines) flush();
  });
  flush();
  audit_lines_ = number - 1;
}

Departure::Changed Departure::changes(const StreamKey& key, const SealedWriter::Out& out,
                                      const std::vector<storage::RowChange>& changed, bool final) {
  SealedWriter writer(key, out);
  writer.write({{"is", "changes"}, {"document", document()}, {"final", final}});
  const auto own = house_.store.transfer().snapshot(token_);
  const auto platform = house_.store.transfer().platform_snapshot();
  write_blobs(writer, *own, !final);
  std::map<std::string, std::set<std::string>> by_table;
  for (const auto& change : changed) by_table[change.table].insert(change.key);

  Changed result;
  RowHash all;  // over [table, key, row or null] in the order of the tables and keys
  // First what goes, and the tables from the end: what refers goes before what is referred to.
  for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
    const auto found = by_table.find(table->name());
    if (found == by_table.end()) continue;
    if (found->second.contains("")) {
      writer.write({{"is", "clear"}, {"table", table->name()}});
      continue;
    }
    Batch gone(writer, "gone", "keys", table->name());
    for (const auto& text : found->second) {
      const Row row_key = Row::parse(text);
      if (!TableAccess(*table, token_.tenant()).find(*own, row_key)) gone.add(row_key, text.size());
    }
    gone.flush();
  }
  for (const auto& table : tables_) {
    const auto found = by_table.find(table.name());
    if (found == by_table.end()) continue;
    if (found->second.contains("")) {
      RowHash hash;
      write_table(writer, table, *own, {}, hash);
      result.rows += hash.rows();
      all.add(Row{table.name(), nullptr, hash.digits()});
      continue;
    }
    const Disguise disguise(house_, token_, table);
    Batch batch(writer, "rows", "rows", table.name());
    for (const auto& text : found->second) {
      const Row row_key = Row::parse(text);
      auto row = TableAccess(table, token_.tenant()).find(*own, row_key);
      if (row) {
        disguise.take_off(*row);
        batch.add(*row, encoded(*row).size());
      }
      all.add(Row{table.name(), row_key, row ? *row : Row()});
      ++result.rows;
    }
    batch.flush();
  }
  if (final) {
    for (const auto& table : tables_) {
      if (!table.of_platform()) continue;
      if (!table.by_hour) writer.write({{"is", "clear"}, {"table", table.name()}});
      RowHash hash;
      write_table(writer, table, *platform, table.by_hour ? usage_from_ : std::string(), hash);
      all.add(Row{table.name(), nullptr, hash.digits()});
    }
    write_audit(writer);
  }
  result.sha256 = all.digits();
  writer.write({{"is", "end"},
                {"changed", changed_keys(by_table)},
                {"usage_from", usage_from_},
                {"audit_lines", audit_lines_ + 1},
                {"sha256", result.sha256}},
               true);
  return result;
}

}  // namespace host::moves
