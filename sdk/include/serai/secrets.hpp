// serai.secrets/1: the plugin's secrets of the tenant, encrypted under the tenant's key. Never log
// or answer what comes out of here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "serai/detail/context.hpp"

namespace serai {

class Secrets {
 public:
  explicit Secrets(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->secrets, "secrets")) {}

  // The view lives as long as the call.
  std::optional<std::string_view> get(std::string_view name) const {
    serai_str value{nullptr, 0};
    const serai_status status = api_->get(context_.call, detail::to_str(name), &value);
    if (status == SERAI_E_NOT_FOUND) return std::nullopt;
    detail::check(context_, status);
    return detail::to_view(value);
  }
  // The same, or Problem 503 that names the missing secret.
  std::string_view required(std::string_view name) const {
    const std::optional<std::string_view> value = get(name);
    if (!value) {
      throw Problem(503, "secret_missing", "The secret `" + std::string(name) + "` is not set.");
    }
    return *value;
  }
  void put(std::string_view name, std::string_view value) const {
    detail::check(context_, api_->put(context_.call, detail::to_str(name), detail::to_str(value)));
  }
  void erase(std::string_view name) const {
    const serai_status status = api_->erase(context_.call, detail::to_str(name));
    if (status != SERAI_E_NOT_FOUND) detail::check(context_, status);
  }

 private:
  detail::Context context_;
  const serai_secrets_api* api_;
};

}  // namespace serai
