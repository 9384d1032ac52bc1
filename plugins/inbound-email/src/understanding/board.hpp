#pragma once

#include "evidence.hpp"

namespace inbound {

// "ro", "bb", "hb", "fb" or "ai": how many meals the price shall hold.
Field<std::string> read_board(const Reading& mail);

}  // namespace inbound
