// The portable functions SQLite lacks (now, gen_random_uuid, strpos, greatest, least, string_agg)
// and Unicode lower() and upper().
#pragma once

struct sqlite3;

namespace host::storage::sqlite {

void register_functions(sqlite3* database);

}  // namespace host::storage::sqlite
