// Looks over the raw bytes before any parser does.
#pragma once

#include <string_view>

#include "message.hpp"

namespace inbound {

// Throws PoisonMessage for what would take a MIME parser too long or overflow its stack. One pass.
void check_bounds(std::string_view raw, const MessageLimits& limits);

}  // namespace inbound
