// What taking a tenant elsewhere reads of a database file: one state of it, over a connection of
// its own, and the shape of its tables.
#pragma once

#include <memory>
#include <vector>

#include "storage/sqlite/database.hpp"
#include "storage/transfer.hpp"

namespace host::storage::sqlite {

// `database` stays open for as long.
std::unique_ptr<Session> make_snapshot(std::shared_ptr<Database> database, Deadline deadline);

std::vector<TableShape> table_shapes(Session& session);

}  // namespace host::storage::sqlite
