// Query parameters against what a route declares: unknown ones pass (clients add cache busters),
// wrong ones are refused, defaults are filled in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/route.hpp"
#include "base/problem.hpp"

namespace host::api {

// Adds missing defaults to `query`; returns the faults.
std::vector<FieldError> check_query(const std::vector<QueryParameter>& declared,
                                    std::vector<std::pair<std::string, std::string>>& query);

}  // namespace host::api
