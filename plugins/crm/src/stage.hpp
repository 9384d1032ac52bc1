// Where a client is on the way from the first quote to the journey's end.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace crm {

inline constexpr std::string_view kQuoted = "QUOTED";
inline constexpr std::array<std::string_view, 6> kStages = {kQuoted, "NEGOTIATING", "BOOKED",
                                                            "PAID",  "TRAVELLED",   "LOST"};

bool is_stage(std::string_view text);
// Money is still expected or being earned: all but TRAVELLED and LOST.
bool is_active(std::string_view stage);

// The stage after a new quote, the `count`th of the client. The first begins a sale, a further one
// means that there is talk about it; who has booked or paid stays so, whatever else is offered.
std::string_view stage_after_quote(std::string_view stage, std::int64_t count);

}  // namespace crm
