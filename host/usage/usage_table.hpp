// The rows of the ledger in the platform's database: what was used in which hour, by which plugin
// for which tenant. Every statement and nothing that decides when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "storage/migration.hpp"
#include "storage/sql.hpp"
#include "usage/account.hpp"

namespace host::usage {

storage::MigrationSet usage_tables();

// The beginning of the hour, as the ledger writes it.
std::string hour_of(Timestamp time);

enum class Step : std::uint8_t { hour, day, month, all };

// What to add up. Empty texts: no condition.
struct Query {
  std::string tenant, plugin, unit;
  bool any_tenant = true;  // false: only `tenant`, even if it is empty
  Timestamp from{}, to{};  // whole hours from `from`'s to before `to`
  bool by_tenant = false, by_plugin = false;
  Step step = Step::all;
  std::size_t offset = 0, limit = 100;
};
struct Line {
  std::string time;  // "2026-11-21T15", "2026-11-21", "2026-11" or ""
  std::string tenant, plugin, unit;
  std::int64_t amount = 0;
};

class UsageTable {
 public:
  explicit UsageTable(storage::Session& session) : session_(session) {}

  void add(std::string_view hour, const AccountView& account, const Amounts& amounts);
  std::int64_t used(const AccountView& account, std::string_view unit, Timestamp since);
  // Newest first; one line more than the limit if there is more.
  std::vector<Line> lines(const Query& query);
  void forget_tenant(std::string_view tenant);
  void forget_before(Timestamp time);

 private:
  storage::Session& session_;
};

}  // namespace host::usage
