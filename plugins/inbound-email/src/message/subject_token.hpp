#pragma once

#include <string>
#include <string_view>

namespace inbound {

// The ticket that a subject names ("Re: Your trip [TKT-20260310-A1B2C3]"), or nothing.
std::string ticket_in(std::string_view subject);

// The number of a quote in it ("Re: Your quote QT-20260310-A1B2C3"), or nothing.
std::string quote_in(std::string_view subject);

}  // namespace inbound
