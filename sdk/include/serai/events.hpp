// serai.events/1: news for other plugins of the same tenant, delivered at least once after the
// transaction that published them.
#pragma once

#include <string>
#include <string_view>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

class Events {
 public:
  explicit Events(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->events, "events")) {}

  // `type` is declared under events.publishes. Joins an open transaction.
  void publish(std::string_view type, const Json& payload = Json::object()) const {
    const std::string text = dump_json(payload);
    detail::check(context_,
                  api_->publish(context_.call, detail::to_str(type), detail::to_str(text)));
  }

 private:
  detail::Context context_;
  const serai_events_api* api_;
};

}  // namespace serai
