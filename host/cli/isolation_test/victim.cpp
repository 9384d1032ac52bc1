// The other tenant at work between two attacks.
#include <algorithm>
#include <iterator>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {
namespace {

// "/api/v1/users": the host's routes are many, and those of one kind stand under one path.
std::string kind_of(const Operation& operation) {
  auto end = std::string::npos;
  for (int slashes = 0; const char& c : operation.path)
    if (c == '/' && ++slashes == 4) {
      end = static_cast<std::size_t>(&c - operation.path.data());
      break;
    }
  return operation.path.substr(0, end);
}

}  // namespace

bool Attacks::victim_can(const Operation& operation) const {
  return operation.guard == Guard::user && operation.method != "DELETE" &&
         victim_.worked.contains(operation.id) && !has_recipe(operation) && !is_costly(operation);
}

void Attacks::victim_does(const Operation& operation) {
  const auto ask = to_ask(operation, exercise_.again(victim_, operation), victim_.owner());
  const auto answer = judge_.use(ask, operation);
  if (const auto tag = answer.headers.get("ETag"); !tag.empty()) etags_.emplace_back(tag);
  if (answer.good()) exercise_.learn(victim_, operation, answer);
}

void Attacks::victim_works(const std::vector<const Operation*>& operations) {
  house_.settle(victim_);
  auto order = operations;
  std::erase_if(order, [&](const auto* operation) { return !victim_can(*operation); });
  // Made first, looked at last.
  const auto turn = [](const Operation* operation) {
    return operation->method == "GET" ? 10 + turn_of(*operation) : turn_of(*operation);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto* a, const auto* b) { return turn(a) < turn(b); });
  for (const auto* operation : order) victim_does(*operation);
}

void Attacks::victim_works(const Operation& near) {
  std::vector<const Operation*> mine;
  for (const auto& operation : operations_)
    if (operation.plugin == near.plugin &&
        (!near.plugin.empty() || kind_of(operation) == kind_of(near)))
      mine.push_back(&operation);
  victim_works(mine);
}

void Attacks::victim_works(const std::string& plugin) {
  std::vector<const Operation*> mine;
  for (const auto& operation : operations_)
    if (!plugin.empty() && operation.plugin == plugin) mine.push_back(&operation);
  victim_works(mine);
}

}  // namespace host::cli::isolation_test
