#pragma once

#include "evidence.hpp"

namespace inbound {

// "R80 000", "6.500 € p.P.", "max 25k rand pp": the amount the writer wants to spend at most.
Field<Budget> read_budget(const Reading& mail);

}  // namespace inbound
