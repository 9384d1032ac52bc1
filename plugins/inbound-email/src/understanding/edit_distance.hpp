#pragma once

#include <cstddef>
#include <string_view>

namespace inbound {

// How many letters must be added, dropped, changed or swapped with their neighbour (bytes: both are
// folded text). At most `limit` + 1, whatever the words; words beyond 64 bytes never match.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace inbound
