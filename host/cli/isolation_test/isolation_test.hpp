// `serai isolation-test`: two tenants with marked data in a house of their own, and one of them
// tries everything to see or touch what is the other's. What it does and cannot see: README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/isolation_test/report.hpp"
#include "config/profile.hpp"

namespace host::cli::isolation_test {

struct Options {
  std::uint64_t requests = 100'000;  // at least as many, in all
  std::uint64_t seed = 0;            // 0: drawn, and told
  std::vector<std::string> only;     // plugins whose routes are attacked; "host"; empty: all
  std::vector<std::filesystem::path> plugins;    // files, beside the profile's
  std::optional<config::PostgresKeys> postgres;  // a database with nothing in it; else SQLite
};

// Starts and stops a house of its own. Throws std::exception if that does not come up.
Report run(const config::Profile& profile, const Options& options);

}  // namespace host::cli::isolation_test
