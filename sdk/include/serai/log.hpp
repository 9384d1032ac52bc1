// serai.log/1: structured log lines. Request id, tenant, user and plugin are added by the host.
#pragma once

#include <string>
#include <string_view>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

class Log {
 public:
  explicit Log(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->log, "log")) {}

  // `fields` is an object: log().info("Indexed", {{"pages", 3}}).
  void debug(std::string_view message, const Json& fields = nullptr) const {
    write(SERAI_LOG_DEBUG, message, fields);
  }
  void info(std::string_view message, const Json& fields = nullptr) const {
    write(SERAI_LOG_INFO, message, fields);
  }
  void warning(std::string_view message, const Json& fields = nullptr) const {
    write(SERAI_LOG_WARNING, message, fields);
  }
  void error(std::string_view message, const Json& fields = nullptr) const {
    write(SERAI_LOG_ERROR, message, fields);
  }

 private:
  void write(std::uint32_t level, std::string_view message, const Json& fields) const {
    const std::string text = fields.is_object() ? dump_json(fields) : std::string();
    api_->write(context_.call, level, detail::to_str(message), detail::to_str(text));
  }

  detail::Context context_;
  const serai_log_api* api_;
};

}  // namespace serai
