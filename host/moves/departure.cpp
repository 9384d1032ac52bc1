#include "moves/departure.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "base/time.hpp"
#include "moves/disguise.hpp"
#include "moves/row_batch.hpp"

namespace host::moves {
namespace {

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
  Item document = {{"name", tenant->name},
                   {"timezone", tenant->timezone},
                   {"currency", tenant->currency},
                   {"plan", tenant->plan},
                   {"settings", tenant->settings},
                   {"plugins", tenant->plugins},
                   {"created_at", tenant->created_at}};
  if (tenant->status == tenancy::TenantStatus::suspended)
    document["suspended"] = tenant->suspended_reason;
  return document;
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
  RowBatch batch(writer, "rows", "rows", table.name());
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
  std::uint64_t first = audit_lines_;
  std::vector<std::string> lines;
  const auto flush = [&] {
    if (lines.empty()) return;
    writer.write({{"is", "audit"}, {"from", first}, {"lines", lines}});
    first += lines.size();
    lines.clear();
  };
  const auto add = [&](std::string_view line) {
    lines.emplace_back(line);
    if (lines.size() >= kItemLines) flush();
  };
  house_.audit.export_chain(token_, add, audit_lines_);
  flush();
  audit_lines_ = first - 1;
}

}  // namespace host::moves
