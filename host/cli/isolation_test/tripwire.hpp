// Whether anything of a tenant has changed: its own database, and its rows in the platform's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/isolation_test/test_house.hpp"

namespace host::cli::isolation_test {

class Tripwire {
 public:
  Tripwire(TestHouse& house, const Side& side) : house_(house), side_(side) {}
  // From here on nothing may change.
  void set();
  // Has any row of the tenant's own changed? Cheap where it has a database of its own.
  bool touched() const;
  // Rows that came, went or changed, one sentence each; the tripwire is set anew. Upkeep by the
  // host itself (schedules, the usage ledger) does not count.
  std::vector<std::string> changes();
  // All rows of the tenant as texts, by table.
  using State = std::map<std::string, std::vector<std::string>>;
  State state() const;

 private:
  // What one database has of the tenant, and after which commit.
  struct Part {
    std::string commits;
    State rows;
  };
  State own_rows() const;
  State platform_rows() const;
  // Reads again what has seen a commit since.
  void look(Part& own, Part& platform) const;

  TestHouse& house_;
  const Side& side_;
  Part own_, platform_;
};

}  // namespace host::cli::isolation_test
