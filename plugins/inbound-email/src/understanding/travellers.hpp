// Who travels: adults, children and their ages.
#pragma once

#include <vector>

#include "evidence.hpp"

namespace inbound {

void read_travellers(const Reading& mail, Enquiry& enquiry);

// "children 4 and 9", "a 4-year-old", "baby of 8 months" (0), in the mail's order.
std::vector<Found<int>> read_children_ages(const Reading& mail);

}  // namespace inbound
