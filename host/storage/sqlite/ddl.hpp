// Turns portable DDL into SQLite's: STRICT tables, portable types with the checks that keep them
// honest. Other statements pass unchanged. Called by the migrator.
#pragma once

#include <string>
#include <string_view>

namespace host::storage::sqlite {

// One statement that has passed lint().
std::string to_sqlite(std::string_view statement);

}  // namespace host::storage::sqlite
