// A consistent copy of a database that is in use.
#pragma once

#include <filesystem>

#include "base/time.hpp"

namespace host::storage::sqlite {

// One plain file (no write-ahead log beside it), mode 0600, durable and complete under its name
// when this returns; nothing under that name otherwise. Writers go on meanwhile.
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to,
                   Deadline deadline);

}  // namespace host::storage::sqlite
