// What an arrival compares before a tenant may be let in: migrations and tables at the beginning,
// rows, files and the audit record at the end of each stream.
#include <algorithm>
#include <map>
#include <set>

#include "base/problem.hpp"
#include "moves/arrival.hpp"
#include "moves/disguise.hpp"

namespace host::moves {
namespace {

std::string number(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

void refuse_difference(const std::string& what) {
  throw Problem(422, "rows_differ",
                "What was written here is not what was read there: " + what + ".");
}

// Both houses must mean the same by a row. What only this house has is no hindrance.
void Arrival::check_migrations(const Item& item) {
  std::map<std::string, std::map<int, std::string>> here, there;
  for (const auto& step : house_.store.migration_status(token()))
    if (step.applied) here[step.owner][step.number] = step.checksum;
  for (const auto& step : item.at("migrations")) there[step.at(0)][step.at(1)] = step.at(2);
  const auto last = [](const std::map<int, std::string>& steps) {
    return steps.empty() ? 0 : steps.rbegin()->first;
  };
  std::string faults;
  for (const auto& [owner, steps] : there) {
    const auto& own = here[owner];
    if (own == steps) continue;
    std::string fault;
    if (own.empty())
      fault = owner + " is not here (there: migration " + std::to_string(last(steps)) + ")";
    else if (last(own) != last(steps))
      fault = owner + " is at migration " + std::to_string(last(own)) + " here and at " +
              std::to_string(last(steps)) + " there";
    else
      fault = owner + " has other migrations here than there";
    faults += (faults.empty() ? "" : "; ") + fault;
  }
  if (!faults.empty())
    throw conflict("other_migrations", "The plugins of the two houses do not fit: " + faults +
                                           ". Bring both to the same versions first.");
}

void Arrival::check_tables(const Item& item) {
  std::set<std::string> there;
  for (const auto& from : item.at("tables")) {
    const std::string name = from.at("name");
    there.insert(name);
    const auto found = std::find_if(tables_.begin(), tables_.end(),
                                    [&](const Table& each) { return each.name() == name; });
    if (found == tables_.end() || found->of_platform() != from.at("platform").get<bool>() ||
        from.at("columns").get<std::vector<std::string>>() != found->shape.columns ||
        from.at("key").get<std::vector<std::string>>() != found->shape.key)
      throw conflict("other_migrations", "The table " + name +
                                             " looks otherwise here; bring both houses to the same "
                                             "versions first.");
  }
}

void Arrival::verify_copy(const Item& item) {
  const auto here = to_item(fingerprint(house_, token(), tables_));
  std::size_t faults = 0;
  std::string names;
  for (const auto& [name, hash] : item.at("hashes").items()) {
    if (here.contains(name) && here.at(name) == hash) continue;
    ++faults;
    names += (names.empty() ? "" : ", ") + name;
  }
  if (faults > 0) refuse_difference(number(faults, "table") + ", " + names);
  // A table that only this house has must be empty, or hold what its migrations wrote before.
}

void Arrival::verify_changes(const Item& item) {
  const auto own = house_.store.transfer().snapshot(token());
  const auto platform = house_.store.transfer().platform_snapshot();
  RowHash all;
  const auto whole = [&](const Table& which, const std::string& from_hour) {
    const Disguise disguise(house_, token(), which);
    RowHash hash;
    TableAccess(which, id_)
        .read(
            which.of_platform() ? *platform : *own,
            [&](Row&& row) {
              disguise.take_off(row);
              hash.add(row);
            },
            from_hour);
    all.add(Row{which.name(), nullptr, hash.digits()});
  };
  const auto& changed = item.at("changed");
  for (const auto& which : tables_) {
    if (!changed.contains(which.name())) continue;
    const auto keys = changed.at(which.name()).get<std::set<std::string>>();
    if (keys.contains("")) {
      whole(which, {});
      continue;
    }
    const Disguise disguise(house_, token(), which);
    for (const auto& text : keys) {
      const Row key = Row::parse(text);
      auto row = TableAccess(which, id_).find(*own, key);
      if (row) disguise.take_off(*row);
      all.add(Row{which.name(), key, row ? *row : Row()});
    }
  }
  if (in_final_)
    for (const auto& which : tables_)
      if (which.of_platform())
        whole(which, which.by_hour ? item.at("usage_from").get<std::string>() : std::string());
  if (all.digits() != item.at("sha256")) refuse_difference("changed rows");
}

void Arrival::verify_blobs() {
  const auto session = house_.store.tenant(token());
  const auto rows =
      session->query("SELECT DISTINCT reference FROM plugins_blob_keepers", {}, 10'000'000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    try {
      house_.blobs.open(token(), rows.text(i, "reference"));
    } catch (const Problem& problem) {
      if (problem.status() != 404) throw;
      refuse_difference("a file is missing");
    }
  }
}

void Arrival::verify_audit(const Item& item) {
  history_ = house_.audit.imported(token(), history_);
  if (history_.lines != item.at("audit_lines").get<std::uint64_t>())
    refuse_difference("the audit record");
  if (!history_.verdict.intact)
    throw Problem(
        422, "audit_broken",
        "The audit record of the archive is not intact: " + history_.verdict.detail + ".");
}

}  // namespace host::moves
