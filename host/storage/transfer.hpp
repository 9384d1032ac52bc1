// What taking a tenant elsewhere needs of an engine: which tables there are, one state of them to
// read, and what is written meanwhile. For the host's own rooms; nothing here is confined to a
// plugin. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/call_token.hpp"
#include "base/time.hpp"
#include "storage/sql.hpp"

namespace host::storage {

// The same for both engines: what only one of them has (generated columns, tenant_id, the engine's
// own tables) is left out.
struct TableShape {
  std::string name;
  std::vector<std::string> columns;    // sorted by name
  std::vector<std::string> key;        // the primary key, in its order; empty: there is none
  bool simple_key = true;              // JSON holds its values: text, integers, booleans
  std::vector<std::string> refers_to;  // tables whose rows must be there first
  bool operator==(const TableShape&) const = default;
};

// A row that was written, changed or deleted. `key`: a JSON array of the key's values in their
// order, or empty for "any row of this table".
struct RowChange {
  std::string table, key;
  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that <=> compares with is no pointer
  auto operator<=>(const RowChange&) const = default;
};

class Transfer {
 public:
  virtual ~Transfer() = default;

  // Of the token's tenant; a table stands behind those it refers to. Throws Problem(501) for tables
  // that refer to each other in a ring.
  virtual std::vector<TableShape> tables(const CallToken& token) = 0;

  // Sessions that read one state of the tenant's, or the platform's, database, whatever is written
  // meanwhile, and write nothing (std::logic_error). Hold them shortly: what is written in the
  // meantime cannot be tidied up by the engine.
  virtual std::unique_ptr<Session> snapshot(const CallToken& token) = 0;
  virtual std::unique_ptr<Session> platform_snapshot() = 0;

  // From here on changes of the tenant's rows are noted, until end_capture(). On SQLite in memory:
  // nothing is left behind by a process that dies. On PostgreSQL by triggers, made as the owner of
  // the tables (Problem(501) without SERAI_POSTGRES_OWNER), and for all processes; they say nothing
  // any more once `life` has passed since the last take_changes().
  virtual void begin_capture(const CallToken& token, const std::vector<TableShape>& tables,
                             std::chrono::seconds life) = 0;
  // What was changed by transactions that have been committed since the last call, and perhaps by
  // some that were undone. Read the rows after this call.
  virtual std::vector<RowChange> take_changes(const CallToken& token) = 0;
  // Waits for the transactions at work; from then on every write to the tenant's database is
  // refused, for `time` at most: Problem(503 tenant_moving). Again: from now on for so long.
  virtual void freeze(const CallToken& token, std::chrono::seconds time) = 0;
  // As good as for ever, for freeze().
  static constexpr std::chrono::seconds kForGood = std::chrono::hours(24 * 365 * 100);
  // Writes go on; nothing is noted any more. No-op where nothing was begun.
  virtual void end_capture(const CallToken& token) = 0;
};

// Puts tables behind those they refer to; a table may refer to itself.
std::vector<TableShape> in_order_of_reference(std::vector<TableShape> tables);

// For engines: how a tenant's writes are refused while it is moved.
[[noreturn]] void refuse_moving();

}  // namespace host::storage
