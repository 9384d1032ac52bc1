#include "storage/transfer.hpp"

#include <algorithm>
#include <set>

#include "base/problem.hpp"

namespace host::storage {

std::vector<TableShape> in_order_of_reference(std::vector<TableShape> tables) {
  std::sort(tables.begin(), tables.end(),
            [](const TableShape& a, const TableShape& b) { return a.name < b.name; });
  std::vector<TableShape> ordered;
  std::set<std::string> placed, known;
  for (const auto& table : tables) known.insert(table.name);
  while (!tables.empty()) {
    const auto ready = std::find_if(tables.begin(), tables.end(), [&](const TableShape& table) {
      return std::all_of(table.refers_to.begin(), table.refers_to.end(), [&](const auto& other) {
        return other == table.name || placed.contains(other) || !known.contains(other);
      });
    });
    if (ready == tables.end())
      throw Problem(501, "tables_in_a_ring",
                    "The tables " + tables.front().name +
                        " and others refer to each other in a ring; they cannot be copied.");
    placed.insert(ready->name);
    ordered.push_back(std::move(*ready));
    tables.erase(ready);
  }
  return ordered;
}

void refuse_moving() {
  throw unavailable("tenant_moving",
                    "This organization's data is being moved; please try again in a moment.", 1);
}

}  // namespace host::storage
