// `serai isolation-test`: reads the profile, runs the test, prints what came of it.
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/isolation_test/isolation_test.hpp"

namespace host::cli {

int isolation_test_command(const IsolationTestOptions& options) {
  auto loaded = config::load_profile(options.profile);
  for (const auto& fault : loaded.faults) std::cerr << fault << '\n';
  if (!loaded.faults.empty()) return 1;
  // What is named is looked for here, not where the scratch folder will be.
  isolation_test::Options chosen;
  chosen.requests = options.requests;
  chosen.seed = options.seed;
  chosen.only = options.only;
  for (const auto& file : options.plugins)
    chosen.plugins.push_back(std::filesystem::absolute(file));
  if (options.postgres) chosen.postgres = config::load_postgres_keys(config::process_environment());
  const auto report = isolation_test::run(loaded.profile, chosen);
  if (options.json)
    std::cout << report.to_json().dump(1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  else
    report.print(std::cout);
  return report.passed() ? 0 : 1;
}

}  // namespace host::cli
