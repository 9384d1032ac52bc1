// From a stored mail to a ticket, once, whatever fails on the way.
#pragma once

#include <serai/plugin.hpp>

namespace inbound {

void process(serai::Job& job);

}  // namespace inbound
