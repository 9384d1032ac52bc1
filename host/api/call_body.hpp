// What the pipeline has parsed of a request, kept behind a pointer so that route.hpp needs no JSON.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/route.hpp"

namespace host::api {

struct Call::Body {
  nlohmann::json json;
  std::vector<std::pair<std::string, std::string>> query;  // decoded, defaults filled in
};

}  // namespace host::api
