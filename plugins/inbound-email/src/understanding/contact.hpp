#pragma once

#include "evidence.hpp"

namespace inbound {

// A telephone number with its digits and a leading +, 8 to 15 of them.
Field<std::string> read_phone(const Reading& mail);

}  // namespace inbound
