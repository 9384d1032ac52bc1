// Two tenants with equal data on one host: the same names, files and notes, told apart only by a
// marker that stands in everything of one tenant and in nothing of the other.
#pragma once

#include <map>
#include <string>

#include "e2e/help_desk.hpp"
#include "e2e/running_host.hpp"

namespace isolation {

struct House {
  std::string marker;
  serai_test::Person owner, colleague;
  // What stands in the path of a route to one thing of this tenant, by the route's first part:
  // "/api/v1/users" -> a user's id. Two of the same kind: the longest match counts.
  std::map<std::string, std::string> ids;
};

// Creates the tenant `id` with one of everything.
House furnish(serai_test::RunningHost& host, const std::string& id);

// The path with its parameters filled in from `house`, or "" if one of them has no known value.
std::string path_to(const House& house, const std::string& pattern);

}  // namespace isolation
