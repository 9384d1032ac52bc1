// Words for spans of time.
#pragma once

#include <cstdint>
#include <optional>

#include "tokens.hpp"

namespace inbound {

enum class TimeUnit : std::uint8_t { night, day, week, fortnight, weekend, month, year };

std::optional<TimeUnit> time_unit_at(const Tokens& tokens, std::size_t at);

// "this", "este": points at the present week or month, not at the one after it.
bool hit_is_this(const Tokens& tokens, std::size_t at);

}  // namespace inbound
