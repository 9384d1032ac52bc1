// Addresses that are not mailed any more: after a hard bounce, a complaint, or by hand.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

namespace mail {

bool is_suppressed(const serai::Call& call, std::string_view address);

// `reason`: bounce, complaint, unsubscribe or manual. The first one stays.
void suppress(const serai::Call& call, std::string_view address, std::string_view reason,
              std::string_view detail, std::string_view message_id);

serai::Json list_suppressions(serai::Request& request);
serai::Response add_suppression(serai::Request& request);
void lift_suppression(serai::Request& request);

}  // namespace mail
