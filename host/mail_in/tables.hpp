// What this room keeps in the platform's database.
#pragma once

#include "storage/migration.hpp"

namespace host::mail_in {

storage::MigrationSet tables();

}  // namespace host::mail_in
