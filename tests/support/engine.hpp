// Which engine the suites are to prove this time.
#pragma once

#include <cstdlib>
#include <string_view>

namespace serai_test {

// Whether the environment variable SERAI_TEST_ENGINE says postgres; else it is SQLite.
inline bool on_postgres() {
  const char* engine = std::getenv("SERAI_TEST_ENGINE");
  return engine != nullptr && std::string_view(engine) == "postgres";
}

}  // namespace serai_test
