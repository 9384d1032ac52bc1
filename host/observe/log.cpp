#include "observe/log.hpp"

#include <array>
#include <atomic>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.hpp"
#include "observe/access_log.hpp"

namespace host::observe {
namespace {

constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};

spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("serai",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::atomic<Level> threshold{Level::info};

}  // namespace

Level parse_level(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Level>(i);
  }
  throw std::invalid_argument("log level must be debug, info, warning or error");
}

void set_level(Level level) { threshold = level; }
bool enabled(Level level) noexcept { return level >= threshold.load(std::memory_order_relaxed); }

void log(Level level, std::string_view message) { log(level, message, nlohmann::json::object()); }

void log(Level level, std::string_view message, const nlohmann::json& fields) {
  if (!enabled(level)) return;
  nlohmann::ordered_json line{{"time", to_text(now())},
                              {"level", kNames[static_cast<std::size_t>(level)]},
                              {"message", message}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  sink().log(spdlog::level::info,
             line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void flush() {
  sink().flush();
  flush_access();
}

}  // namespace host::observe
