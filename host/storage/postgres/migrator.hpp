// Changes the schema, as the owner and over libpqxx: rarely, one node at a time. A tenant's tables
// are made once for all tenants; what a migration writes into them is written for each.
#pragma once

#include <string>
#include <vector>

#include "storage/migration_sets.hpp"
#include "storage/postgres/statement.hpp"
#include "storage/sql.hpp"

namespace host::storage::postgres {

// What was applied, read by the application.
AppliedSteps applied(Session& platform, Schema schema, const std::string& owner);
// The statements of a migration that write rows, as they are sent.
std::vector<std::string> seeds_of(const PreparedSet::Step& step);

class Migrator {
 public:
  // `owner`: how the owner connects. Throws std::runtime_error.
  explicit Migrator(std::string owner);

  // Applies what is missing, each migration in a transaction of its own, while no other node does.
  // Throws std::runtime_error for a changed checksum, a failing migration, and one that leaves a
  // table that is not kept to the tenant.
  void apply(Schema schema, const PreparedSet& set) const;
  // Undoes the owner's migrations above `number`, for all tenants, in one transaction.
  void undo(Schema schema, const std::string& owner, int number) const;

 private:
  const std::string owner_;
};

}  // namespace host::storage::postgres
