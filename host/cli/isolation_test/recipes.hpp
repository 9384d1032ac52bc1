// The host's own routes whose input no schema can tell: codes out of mails and authenticators,
// passwords, a session to end. A plugin's route needs none: it says examples in its schema.
#pragma once

#include <optional>

#include "cli/isolation_test/test_house.hpp"

namespace host::cli::isolation_test {

struct Prepared {
  Actor actor;
  Shape shape;
};

// What a rightful caller of the operation asks; nullopt: no recipe, the schema has to do.
std::optional<Prepared> recipe(TestHouse& house, Side& side, const Operation& operation);

// Whether there is one; asks nothing.
bool has_recipe(const Operation& operation);

}  // namespace host::cli::isolation_test
