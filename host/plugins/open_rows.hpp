// A result lent to a plugin: the rows and the same rows in the ABI's words. Private to this room.
#pragma once

#include <vector>

#include "serai/abi/sql.h"
#include "storage/sql.hpp"

namespace host::plugins {

struct OpenRows {
  storage::Rows rows;
  std::vector<serai_str> names;
  std::vector<serai_value> cells;
};

}  // namespace host::plugins
