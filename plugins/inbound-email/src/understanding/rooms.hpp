#pragma once

#include "evidence.hpp"

namespace inbound {

// "3 rooms", "two doubles", "ein DZ und ein EZ": how many rooms the mail asks for.
Field<int> read_rooms(const Reading& mail);

}  // namespace inbound
