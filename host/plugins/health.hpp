// How a loaded plugin is doing.
#pragma once

#include <string>

namespace host::plugins {

struct Health {
  std::string trouble;         // a sentence's middle; empty: all is well
  bool serves_nobody = false;  // the trouble is everybody's, not some tenants'
};

}  // namespace host::plugins
