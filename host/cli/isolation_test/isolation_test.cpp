#include "cli/isolation_test/isolation_test.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>

#include "cli/isolation_test/attacks.hpp"
#include "cli/isolation_test/background.hpp"

namespace host::cli::isolation_test {
namespace {

std::vector<Operation> described(TestHouse& house) {
  const auto answer = house.door().send({"GET", "/openapi.json"});
  if (!answer.good()) throw std::runtime_error("there is no OpenAPI document: " + answer.body);
  return operations_of(Json::parse(answer.body));
}

std::vector<Operation> chosen(std::vector<Operation> all, const std::vector<std::string>& only) {
  if (only.empty()) return all;
  std::erase_if(all, [&](const Operation& operation) {
    const auto whose = operation.plugin.empty() ? "host" : operation.plugin;
    return std::find(only.begin(), only.end(), whose) == only.end();
  });
  if (all.empty()) throw std::runtime_error("none of the routes is one of those with --only");
  return all;
}

// What is attacked, and plugins that it may stand on. The host's own routes only if they are meant.
std::vector<Operation> worth_filling(std::vector<Operation> all,
                                     const std::vector<std::string>& only) {
  if (std::find(only.begin(), only.end(), "host") == only.end())
    std::erase_if(all, [](const Operation& operation) { return operation.plugin.empty(); });
  return all;
}

// The attacker was filled before the victim was there: what it has heard is nobody's secret.
void compare_notes(Side& attacker, Side& victim) {
  for (const auto& word : attacker.heard) {
    victim.marks.shared(word);
    if (victim.heard.contains(word)) attacker.marks.shared(word);
  }
}

void report_missing(const std::vector<Operation>& operations, const Side& side,
                    const Exercise& exercise, Report& report) {
  for (const auto& operation : operations)
    if (operation.guard != Guard::admin && !side.worked.contains(operation.id))
      report.not_exercised(
          operation.method + " " + operation.path,
          "its rightful owner was not answered 2xx; at last " + exercise.trouble(side, operation));
}

// A plugin that hangs or is switched off refuses everything, and so would leak nothing.
void report_plugins(TestHouse& house, Report& report) {
  for (const auto& plugin : house.rooms().registry->list())
    if (plugin.state != plugins::State::running)
      report.fault("the plugin " + plugin.id + " did not stay up: " + plugin.reason);
}

}  // namespace

Report run(const config::Profile& profile, const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  Report report;
  report.seed = options.seed != 0 ? options.seed : std::random_device{}() | 1U;
  Random random(report.seed);
  TestHouse house(profile, options.plugins, options.postgres);
  const auto all = described(house);
  const auto operations = chosen(all, options.only);
  report.routes = operations.size();
  const auto filled = options.only.empty() ? all : worth_filling(all, options.only);
  Exercise exercise(house, filled, random);
  const auto a = house.make_side("attacker", random);
  exercise.fill(*a);
  const auto b = house.make_side("victim", random);
  exercise.fill(*b);
  report_missing(operations, *a, exercise, report);
  report_missing(operations, *b, exercise, report);
  compare_notes(*a, *b);

  Attacks attacks(house, exercise, operations, *a, *b, random, report);
  // A part that cannot go on is a failure, and takes nothing with it that was found.
  const auto part = [&report](const char* name, const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& error) {
      report.fault(std::string(name) + " broke off: " + error.what());
    }
  };
  part("route by route", [&] { attacks.systematic(); });
  part("jobs, events and services", [&] { run_background(house, *a, *b, attacks, report); });
  part("the random part", [&] { attacks.storm(options.requests); });
  part("the stores", [&] { look_into_stores(house, *a, *b, report); });
  part("what is at rest", [&] {
    house.settle(*a);
    house.settle(*b);
    look_at_rest(house, *a, *b, report);
    look_at_rest(house, *b, *a, report);
  });
  report_plugins(house, report);
  if (operations.size() == all.size())
    part("the administrator's routes", [&] { exercise.administer(random, report); });
  report.requests = house.door().sent();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return report;
}

}  // namespace host::cli::isolation_test
