// serai.log/1: lines that say by themselves who, where and for whom.
#include <nlohmann/json.hpp>

#include "observe/log.hpp"
#include "plugins/boundary.hpp"
#include "serai/abi/log.h"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxMessage = 4 << 10, kMaxFields = 16 << 10;

observe::Level level_of(std::uint32_t level) {
  switch (level) {
    case SERAI_LOG_DEBUG:
      return observe::Level::debug;
    case SERAI_LOG_WARNING:
      return observe::Level::warning;
    case SERAI_LOG_ERROR:
      return observe::Level::error;
    default:
      return observe::Level::info;
  }
}

void write_line(CallContext& context, std::uint32_t level, serai_str message, serai_str fields) {
  if (!observe::enabled(level_of(level))) return;
  Generation& generation = context.generation();
  if (!generation.plugin().log_rate.allow(std::chrono::steady_clock::now())) {
    generation.metrics().dropped_lines.add();
    return;
  }
  // The plugin's fields lie in an object of their own, so that it cannot write another tenant or
  // request id into its lines.
  nlohmann::json line = {{"plugin", generation.id()}};
  if (context.has_token()) {
    line["tenant"] = context.token().tenant();
    line["user"] = context.token().user();
    line["request_id"] = context.token().request_id();
  }
  const auto own = view(fields).substr(0, kMaxFields);
  if (!own.empty()) {
    nlohmann::json parsed = nlohmann::json::parse(own, nullptr, false);
    line["fields"] = parsed.is_object() ? std::move(parsed) : nlohmann::json(std::string(own));
  }
  observe::log(level_of(level), view(message).substr(0, kMaxMessage), line);
}

void write(serai_call call, std::uint32_t level, serai_str message, serai_str fields) noexcept {
  // call 0 means the surroundings: create(), start(), stop().
  if (CallContext* context = innermost_call(); call == 0 && context && !context->has_token())
    call = context->handle();
  boundary(call, Interface::log, Need::memory, "log.write",
           [&](CallContext& context) { write_line(context, level, message, fields); });
}

constexpr serai_log_api kTable{sizeof(serai_log_api), 0, write};

}  // namespace

const void* log_table() noexcept { return &kTable; }

}  // namespace host::plugins
