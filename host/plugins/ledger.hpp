// Tables of this room in each tenant's database: the usage ledger (append only) and who keeps which
// blob. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/call_token.hpp"
#include "storage/migration.hpp"
#include "storage/sql.hpp"

namespace host::plugins {

storage::MigrationSet ledger_migrations();

// Joins the session's transaction; the token is the plugin's.
void record_usage(storage::Session& session, const CallToken& token, std::string_view unit,
                  std::int64_t quantity);

}  // namespace host::plugins
