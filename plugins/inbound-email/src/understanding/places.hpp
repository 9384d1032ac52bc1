// The tenant's destinations and hotels in a mail.
#pragma once

#include <vector>

#include "evidence.hpp"

namespace inbound {

// In the order of the mail; never one that the mail does not name. Names and aliases are found
// with typing errors, destinations also by what other languages call them (exonyms.hpp).
std::vector<Found<std::string>> read_destinations(const Reading& mail,
                                                  const std::vector<Place>& offered);
std::vector<Found<std::string>> read_hotels(const Reading& mail, const std::vector<Place>& offered);

}  // namespace inbound
