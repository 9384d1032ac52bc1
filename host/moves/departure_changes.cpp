// The second half of a departure, on a move: what has changed since the copy.
#include <map>
#include <set>

#include "moves/departure.hpp"
#include "moves/disguise.hpp"
#include "moves/row_batch.hpp"

namespace host::moves {
namespace {

Item changed_keys(const std::map<std::string, std::set<std::string>>& by_table) {
  Item all = Item::object();
  for (const auto& [table, keys] : by_table) all[table] = keys;
  return all;
}

}  // namespace

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
    RowBatch gone(writer, "gone", "keys", table->name());
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
    RowBatch batch(writer, "rows", "rows", table.name());
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
