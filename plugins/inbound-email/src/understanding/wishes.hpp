#pragma once

#include <vector>

#include "evidence.hpp"

namespace inbound {

// What the mail wants besides, as words of one list ("honeymoon", "wheelchair", "sea_view", ...),
// each once.
std::vector<Found<std::string>> read_wishes(const Reading& mail);

}  // namespace inbound
