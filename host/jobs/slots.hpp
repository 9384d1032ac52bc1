// When a schedule runs: time is cut into slots, which begin at each tenant's own offset, so that
// not all tenants wake at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "jobs/queue.hpp"

namespace host::jobs {

// The same in every process and version, as std::hash is not.
inline std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

class Slots {
 public:
  Slots(const std::string& tenant, const Schedule& schedule)
      : every_(std::max<std::int64_t>(schedule.every.count(), 1)),
        offset_(static_cast<std::int64_t>(
            stable_hash(tenant + '\0' + schedule.plugin + '\0' + schedule.kind) %
            static_cast<std::uint64_t>(every_))) {}

  std::int64_t at(Timestamp time) const {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    return (seconds - offset_) / every_;
  }
  Timestamp start(std::int64_t slot) const {
    return Timestamp(std::chrono::seconds(slot * every_ + offset_));
  }

 private:
  std::int64_t every_, offset_;  // seconds
};

}  // namespace host::jobs
