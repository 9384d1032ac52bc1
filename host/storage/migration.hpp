// Numbered, reversible, checksummed changes of a schema. Written in portable DDL; each engine's
// backend turns the portable types (text, bigint, boolean, double, json, blob, timestamp, uuid)
// into its own, and SQLite tables become STRICT with checks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace host::storage {

struct Migration {
  int number = 0;    // 1, 2, 3 ... without gaps
  std::string name;  // "create_documents"
  std::string up;    // SQL, statements separated by ';'
  std::string down;  // undoes `up`
};

// All migrations of one owner: a plugin's id, whose tables carry that id (with '-' turned into '_')
// and "_" as prefix; or a room of the host, "host" or "host-<room>", whose tables carry "serai_".
struct MigrationSet {
  std::string owner;
  std::vector<Migration> migrations;
};

struct MigrationStatus {
  std::string owner;
  int number;
  std::string name;
  bool applied;
  std::string applied_at;  // empty if not applied
  bool checksum_matches;   // false: the text was changed after it had been applied
  std::string contracts;   // contraction() of it
  std::string checksum;    // of what was applied; empty if not applied
};

// Path of table and column rules, checked when a set is registered; each fault one sentence with
// owner, migration and mend. Empty: fine.
std::vector<std::string> lint(const MigrationSet& set);

// What the version before a migration could not live with ("drops crm_notes"), of a text that has
// passed lint(). Empty: it only expands, and hosts of both versions may run beside each other.
std::string contraction(std::string_view up);

// The same rules for a single statement of a plugin, as far as its text shows them.
std::vector<std::string> lint_statement(std::string_view sql);

}  // namespace host::storage
