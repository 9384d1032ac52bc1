// What may become of a quote. The one place that knows; every change of a status goes through it.
#pragma once

#include <optional>
#include <string_view>

namespace quotes {

enum class Status {
  draft,
  quoted,
  sent,
  viewed,
  accepted,
  declined,
  expired,
  converted,
  cancelled
};

std::string_view name_of(Status status);
// Of the stored word; the capital "Sent" of old records is not one.
std::optional<Status> status_of(std::string_view name);

// Whether a quote may go from one to the other in one step. To stay is not a step.
bool may_become(Status from, Status to);

// Whether its content may still be edited, and whether time ends it (check after valid_until).
inline bool is_editable(Status status) { return status == Status::draft; }
inline bool may_expire(Status status) { return may_become(status, Status::expired); }

}  // namespace quotes
