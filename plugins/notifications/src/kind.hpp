// The nine types of notifications, the only place that knows them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace notifications {

struct Kind {
  std::string_view type;
  bool mailed;  // unless the user says otherwise
};

inline constexpr std::array kKinds{Kind{"quote_request", true},
                                   Kind{"email_received", true},
                                   Kind{"invoice_paid", true},
                                   Kind{"invoice_overdue", true},
                                   Kind{"booking_confirmed", true},
                                   Kind{"client_added", false},
                                   Kind{"team_invite", true},
                                   Kind{"system", true},
                                   Kind{"mention", true}};

inline std::optional<Kind> find_kind(std::string_view type) {
  for (const Kind& kind : kKinds)
    if (kind.type == type) return kind;
  return std::nullopt;
}

}  // namespace notifications
