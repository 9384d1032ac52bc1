// Which tables a tenant's data lies in: all of its own database, and those of the platform's that
// name their tenant in each row; and the statements that read and write them, alike on both
// engines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moves/row.hpp"
#include "storage/store.hpp"

namespace host::moves {

struct Table {
  storage::TableShape shape;  // without the column that names the tenant
  std::string tenant_column;  // of a platform's table; empty: one of the tenant's own
  bool referred_to = false;   // another table's rows need these
  // Rows are only added and counted up, the newest hours last: usage.
  bool by_hour = false;

  bool of_platform() const { return !tenant_column.empty(); }
  // "auth_users" of the platform, "crm_clients" of the tenant: the names never meet.
  const std::string& name() const { return shape.name; }
};

// The platform's, which are settled, and the tenant's, as its engine tells; in an order in which
// rows can be inserted.
std::vector<Table> tables_of(storage::Store& store, const CallToken& token);
const std::vector<Table>& platform_tables();
// Tables of the platform's database that stay where they are, each with the reason; a test sees to
// it that every table is in one of the two lists.
const std::vector<std::pair<std::string_view, std::string_view>>& tables_left_out();

// Reads and writes one table for one tenant.
class TableAccess {
 public:
  TableAccess(const Table& table, std::string_view tenant) : table_(table), tenant_(tenant) {}

  // All rows in the order of the key. `from_hour`: of a table by_hour, only from there on.
  void read(storage::Session& session, const std::function<void(Row&&)>& row,
            const std::string& from_hour = {}) const;
  // `key`: the values of shape.key.
  std::optional<Row> find(storage::Session& session, const Row& key) const;
  Row key_of(const Row& row) const;

  void insert(storage::Session& session, const std::vector<Row>& rows) const;
  // Puts it in place of what is there under its key.
  void put(storage::Session& session, const Row& row) const;
  void erase(storage::Session& session, const Row& key) const;
  void clear(storage::Session& session) const;

 private:
  std::string columns() const;
  // What is true of the row with that key alone; its values are appended.
  std::string is(const Row& key, std::vector<storage::Value>& values) const;

  const Table& table_;
  std::string_view tenant_;
};

}  // namespace host::moves
