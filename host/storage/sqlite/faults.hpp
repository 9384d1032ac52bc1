// SQLite's result codes in the words of the storage room.
#pragma once

#include <string>

#include "storage/sql.hpp"

struct sqlite3;

namespace host::storage::sqlite {

// Throws SqlError (std::bad_alloc when memory is out) for the failed call on `database`; the
// message is for the log.
[[noreturn]] void fail(sqlite3* database, int code, std::string_view doing);

}  // namespace host::storage::sqlite
