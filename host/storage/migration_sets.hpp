// Registered migration sets after lint(), as both backends keep them: what is to be applied, and
// the checksum by which a changed text is known. Private to the storage room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/migration.hpp"

namespace host::storage {

struct PreparedSet {
  struct Step {
    int number;
    std::string name, checksum;
    std::string up, down;  // portable text; the engine's DDL is made when it is applied
  };
  std::string owner;
  std::string prefix;  // of its tables; empty for the host's rooms, which are not confined
  std::vector<Step> steps;
};

using Sets = std::vector<std::shared_ptr<const PreparedSet>>;

// Throws std::runtime_error with all faults.
PreparedSet prepare_set(const MigrationSet& set);

// What a database remembers of an owner's migrations, by number.
struct AppliedStep {
  std::string name, checksum, down, at;
};
using AppliedSteps = std::map<int, AppliedStep>;

// Throws std::runtime_error for a text that was changed after it had been applied.
void refuse_changed(const PreparedSet& set, const AppliedSteps& applied);
// What is known of the set's migrations, and of those a newer version had applied.
void append_status(const PreparedSet& set, AppliedSteps applied,
                   std::vector<MigrationStatus>& result);

// Whether the owner is a room of the host; a plugin otherwise.
bool of_host(const std::string& owner);

// "crm: migration 2 create_notes", for messages.
std::string migration_title(const std::string& owner, int number, const std::string& name);

// Registered sets, in the order of registration; the number changes with every change. Thread-safe.
class SetList {
 public:
  // Throws std::runtime_error for a set that lints badly, or whose tables could be taken for
  // another owner's, and for a second text of one of the host's rooms.
  void add(const MigrationSet& set);
  std::pair<Sets, std::uint64_t> get() const;
  std::uint64_t number() const;

 private:
  void refuse_overlap(const std::string& owner) const;

  mutable std::mutex mutex_;
  Sets sets_;
  std::uint64_t number_ = 1;
};

}  // namespace host::storage
