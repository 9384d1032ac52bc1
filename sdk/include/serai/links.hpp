// serai.links/1: addresses that need no login, for one tenant, one route and one subject.
#pragma once

#include <optional>
#include <string_view>

#include "serai/clock.hpp"
#include "serai/detail/context.hpp"

namespace serai {

class Links {
 public:
  explicit Links(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->links, "links")) {}

  // The absolute address of the route `handler` (`access: link` in the manifest), which is called
  // with this call's tenant, without a user, and with `subject` (1 to 200 bytes) as
  // path("link"). Valid until `expires`; empty: for ever. Whoever has it may call the route: take
  // it back by what you make of the subject. The view lives as long as the call.
  std::string_view make(std::string_view handler, std::string_view subject,
                        std::optional<Timestamp> expires = std::nullopt) const {
    serai_str url{nullptr, 0};
    detail::check(context_,
                  api_->make(context_.call, detail::to_str(handler), detail::to_str(subject),
                             expires ? expires->time_since_epoch().count() : 0, &url));
    return detail::to_view(url);
  }

 private:
  detail::Context context_;
  const serai_links_api* api_;
};

}  // namespace serai
