#include "storage/migration_sets.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/sha256.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {
namespace {

std::string checksum(const Migration& migration) {
  return sha256_digits(migration.up + '\0' + migration.down);
}

bool same(const PreparedSet& a, const PreparedSet& b) {
  return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                    [](const auto& x, const auto& y) {
                      return x.number == y.number && x.checksum == y.checksum;
                    });
}

}  // namespace

bool of_host(const std::string& owner) { return table_prefix(owner) == "serai_"; }

std::string migration_title(const std::string& owner, int number, const std::string& name) {
  return owner + ": migration " + std::to_string(number) + " " + name;
}

PreparedSet prepare_set(const MigrationSet& set) {
  std::string faults;
  for (const std::string& fault : lint(set)) faults += (faults.empty() ? "" : "\n") + fault;
  if (!faults.empty()) throw std::runtime_error(faults);
  PreparedSet prepared;
  prepared.owner = set.owner;
  if (!of_host(set.owner)) prepared.prefix = table_prefix(set.owner);
  for (const Migration& migration : set.migrations) {
    prepared.steps.push_back(
        {migration.number, migration.name, checksum(migration), migration.up, migration.down});
  }
  return prepared;
}

void refuse_changed(const PreparedSet& set, const AppliedSteps& applied) {
  for (const auto& step : set.steps) {
    const auto found = applied.find(step.number);
    if (found != applied.end() && found->second.checksum != step.checksum) {
      throw std::runtime_error(migration_title(set.owner, step.number, step.name) +
                               " was changed after it had been applied; restore its text and add a "
                               "new migration instead");
    }
  }
}

void append_status(const PreparedSet& set, AppliedSteps applied,
                   std::vector<MigrationStatus>& result) {
  for (const auto& step : set.steps) {
    const auto found = applied.find(step.number);
    const bool is = found != applied.end();
    result.push_back({set.owner, step.number, step.name, is, is ? found->second.at : "",
                      !is || found->second.checksum == step.checksum, contraction(step.up),
                      is ? found->second.checksum : ""});
    if (is) applied.erase(found);
  }
  // Applied by a newer version than the one that is registered now.
  for (const auto& [number, entry] : applied) {
    result.push_back({set.owner, number, entry.name, true, entry.at, true, {}, entry.checksum});
  }
}

void SetList::add(const MigrationSet& set) {
  auto prepared = std::make_shared<const PreparedSet>(prepare_set(set));
  const std::lock_guard lock(mutex_);
  refuse_overlap(prepared->owner);
  const auto found = std::find_if(sets_.begin(), sets_.end(),
                                  [&](const auto& s) { return s->owner == prepared->owner; });
  if (found == sets_.end()) {
    sets_.push_back(std::move(prepared));
  } else if (same(**found, *prepared)) {
    return;
  } else if (of_host(prepared->owner)) {
    throw std::runtime_error(prepared->owner +
                             ": its migrations are registered already; a room of the host "
                             "registers as 'host-<room>'");
  } else {
    *found = std::move(prepared);
  }
  ++number_;
}

std::pair<Sets, std::uint64_t> SetList::get() const {
  const std::lock_guard lock(mutex_);
  return {sets_, number_};
}

std::uint64_t SetList::number() const {
  const std::lock_guard lock(mutex_);
  return number_;
}

// "crm" could reach the tables of "crm-plus", which begin with "crm_" as well.
void SetList::refuse_overlap(const std::string& owner) const {
  const std::string mine = table_prefix(owner);
  for (const auto& set : sets_) {
    const std::string other = table_prefix(set->owner);
    if (mine != other && (mine.starts_with(other) || other.starts_with(mine))) {
      throw std::runtime_error(owner + ": its tables could not be told from those of " +
                               set->owner + "; one of the two needs another id");
    }
  }
}

}  // namespace host::storage
