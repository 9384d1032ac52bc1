// See retention.hpp.
#include "retention.hpp"

#include <algorithm>

namespace notifications {
namespace {

constexpr std::int64_t kBatch = 500;  // so that nobody waits long for the writer

}  // namespace

void remove_old(serai::Job& job) {
  const auto sql = job.sql();
  const auto kept = std::chrono::days(job.config().integer("retention"));
  const auto oldest = serai::to_text(job.clock().now() - kept);
  const auto remove = [&](const std::string& table, const char* key, const char* time) {
    const auto statement = "DELETE FROM " + table + " WHERE " + key + " IN (SELECT " + key +
                           " FROM " + table + " WHERE " + time + " < $1 ORDER BY " + time +
                           " LIMIT $2)";
    while (job.time_left() > std::chrono::seconds(5) &&
           sql.execute(statement, oldest, kBatch) == kBatch) {
    }
  };
  remove("notifications_items", "id", "created_at");
  remove("notifications_claims", "key", "claimed_at");
}

}  // namespace notifications
