// Structured logging: one JSON object per line on standard error. Any thread. Values of fields are
// written as JSON, so that nothing a client sends can forge a line; invalid UTF-8 is replaced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace host::observe {

enum class Level : std::uint8_t { debug, info, warning, error };

// "debug", "info", "warning", "error"; throws std::invalid_argument for anything else.
Level parse_level(std::string_view name);
void set_level(Level level);
bool enabled(Level level) noexcept;

// `fields` is a JSON object; its keys stand beside time, level and message.
void log(Level level, std::string_view message);
void log(Level level, std::string_view message, const nlohmann::json& fields);

// Writes out what is still buffered.
void flush();

}  // namespace host::observe
