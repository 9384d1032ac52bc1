// See the header.
#include "status.hpp"

#include <array>
#include <cstdint>

namespace quotes {
namespace {

constexpr std::array<std::string_view, 9> kNames{"draft",   "quoted",    "sent",
                                                 "viewed",  "accepted",  "declined",
                                                 "expired", "converted", "cancelled"};

constexpr unsigned bit(Status status) { return 1U << static_cast<unsigned>(status); }
template <class... Statuses>
constexpr unsigned any(Statuses... statuses) {
  return (0U | ... | bit(statuses));
}

constexpr unsigned next(Status from) {
  using enum Status;
  switch (from) {
    case draft:
      return any(quoted, cancelled);
    case quoted:
      return any(sent, accepted, declined, expired, cancelled);
    case sent:
      return any(viewed, accepted, declined, expired, cancelled);
    case viewed:
      return any(accepted, declined, expired, cancelled);
    case accepted:
      return any(converted, cancelled);
    case declined:
    case expired:
      return any(quoted);
    case converted:
    case cancelled:
      return 0;
  }
  return 0;
}

}  // namespace

std::string_view name_of(Status status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<Status> status_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Status>(i);
  return std::nullopt;
}

bool may_become(Status from, Status to) { return (next(from) & bit(to)) != 0; }

}  // namespace quotes
