// serai.config/1: the plugin's settings: the tenant's own over the profile's over the manifest's
// defaults, already checked against the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

class Config {
 public:
  explicit Config(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->config, "config")) {}

  // Problem 404 if the manifest declares no such setting; null: declared, without default, not set.
  Json get(std::string_view name) const {
    serai_str value{nullptr, 0};
    detail::check(context_, api_->get(context_.call, detail::to_str(name), &value));
    return parse_json(detail::to_view(value), "A setting", 500);
  }
  // Typed; a setting that is not set is Problem 503 naming it.
  std::string text(std::string_view name) const { return typed<std::string>(name); }
  std::int64_t integer(std::string_view name) const { return typed<std::int64_t>(name); }
  double real(std::string_view name) const { return typed<double>(name); }
  bool boolean(std::string_view name) const { return typed<bool>(name); }

  // One object with all of them, secrets left out.
  Json all() const {
    serai_str object{nullptr, 0};
    detail::check(context_, api_->all(context_.call, &object));
    return parse_json(detail::to_view(object), "The settings", 500);
  }
  // Sets the tenant's own value; checked against the manifest.
  void set(std::string_view name, const Json& value) const {
    const std::string text = dump_json(value);
    detail::check(context_, api_->set(context_.call, detail::to_str(name), detail::to_str(text)));
  }

 private:
  template <class T>
  T typed(std::string_view name) const {
    const Json value = get(name);
    if (value.is_null()) {
      throw Problem(503, "setting_missing", "The setting `" + std::string(name) + "` is not set.");
    }
    return value.get<T>();
  }

  detail::Context context_;
  const serai_config_api* api_;
};

}  // namespace serai
