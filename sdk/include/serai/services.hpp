// serai.services/1: calls to other plugins, JSON (or any bytes) in and out, as the same tenant and
// user and under the same deadline.
#pragma once

#include <string>
#include <string_view>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

class Services {
 public:
  explicit Services(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->services, "services")) {}

  // `service` ("knowledge.search/1") is declared under services.requires or .optional. A failure of
  // the other plugin arrives as its Problem.
  Json call(std::string_view service, const Json& request = Json::object()) const {
    return parse_json(call_raw(service, dump_json(request)), "The answer of another plugin", 502);
  }
  // The same with bytes; the reply lives as long as the call.
  std::string_view call_raw(std::string_view service, std::string_view payload) const {
    serai_str reply{nullptr, 0};
    detail::check(context_, api_->call(context_.call, detail::to_str(service),
                                       detail::to_str(payload), &reply));
    return detail::to_view(reply);
  }
  // Whether a call would find a provider for this tenant.
  bool available(std::string_view service) const noexcept {
    return api_->available(context_.call, detail::to_str(service)) != 0;
  }

 private:
  detail::Context context_;
  const serai_services_api* api_;
};

}  // namespace serai
