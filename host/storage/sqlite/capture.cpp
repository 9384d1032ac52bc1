// The declarations of the hook are there only for who asks for them.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "storage/sqlite/capture.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "base/problem.hpp"

namespace host::storage::sqlite {
namespace {

using nlohmann::json;

// False for a value that JSON does not hold alike.
bool add_value(json& key, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      key.push_back(static_cast<std::int64_t>(sqlite3_value_int64(value)));
      return true;
    case SQLITE_TEXT:
      key.push_back(std::string(reinterpret_cast<const char*>(sqlite3_value_text(value)),
                                static_cast<std::size_t>(sqlite3_value_bytes(value))));
      return true;
    default:
      return false;
  }
}

}  // namespace

Capture::Capture(std::shared_ptr<Database> database, const std::vector<TableShape>& tables,
                 Deadline deadline)
    : database_(std::move(database)) {
  const auto writer = database_->writer(deadline);
  for (const auto& table : tables) {
    Key key;
    const Access everything;
    const Value name[] = {std::string_view(table.name)};
    const Rows columns = writer->query(
        writer->prepare(everything, "SELECT cid, name FROM pragma_table_xinfo($1)"), name, 1000);
    for (const auto& wanted : table.key) {
      for (std::size_t row = 0; row < columns.size(); ++row)
        if (columns.text(row, "name") == wanted)
          key.places.push_back(static_cast<int>(columns.integer(row, "cid")));
    }
    keys_.emplace(table.name, std::move(key));
  }
  // Statements compiled before would delete all rows of a table at once without telling.
  writer->release_memory();
  sqlite3_preupdate_hook(writer->handle(), changed, this);
}

Capture::~Capture() {
  try {
    database_->thaw();
    const auto writer = database_->writer(Deadline::max());
    sqlite3_preupdate_hook(writer->handle(), nullptr, nullptr);
  } catch (const std::exception&) {
    // Closed: the tenant was removed, and its handles with it.
  }
}

std::vector<RowChange> Capture::take(Deadline deadline) {
  // With the writer in hand nothing that was noted is still under way.
  const auto writer = database_->writer_of_mover(deadline);
  // Out of memory in the middle of somebody's write: that one went on, this here cannot.
  if (lost_) throw unavailable("changes_lost", "Changes could not be noted; begin again.");
  const std::lock_guard lock(mutex_);
  std::vector<RowChange> taken(changes_.begin(), changes_.end());
  changes_.clear();
  return taken;
}

void Capture::freeze(std::chrono::seconds time, Deadline deadline) {
  const auto writer = database_->writer_of_mover(deadline);
  database_->freeze(std::chrono::steady_clock::now() + time);
}

void Capture::changed(void* self, sqlite3* database, int operation, const char*, const char* table,
                      long long, long long) noexcept {
  try {
    static_cast<Capture*>(self)->note(database, operation, table);
  } catch (...) {
    static_cast<Capture*>(self)->lost_ = true;
  }
}

void Capture::note(sqlite3* database, int operation, const std::string& table) {
  const auto found = keys_.find(table);
  if (found == keys_.end()) return;
  const auto one = [&](auto read) {
    json key = json::array();
    bool whole = found->second.places.empty();
    for (const int place : found->second.places) {
      sqlite3_value* value = nullptr;
      whole = whole || read(database, place, &value) != SQLITE_OK || !add_value(key, value);
    }
    std::string text;
    try {
      if (!whole) text = key.dump();
    } catch (const json::exception&) {
      text.clear();  // no UTF-8: found again only by looking at the whole table
    }
    const std::lock_guard lock(mutex_);
    changes_.insert({table, std::move(text)});
  };
  if (operation != SQLITE_INSERT) one(sqlite3_preupdate_old);
  if (operation != SQLITE_DELETE) one(sqlite3_preupdate_new);
}

}  // namespace host::storage::sqlite
