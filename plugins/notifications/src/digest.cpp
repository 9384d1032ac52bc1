// See digest.hpp.
#include "digest.hpp"

#include <algorithm>

#include "mailing.hpp"
#include "preferences.hpp"

namespace notifications {
namespace {

using serai::Json;

constexpr std::int64_t kListed = 50;

constexpr const char* kText =
    "{{heading}}\n\n{{#items}}* {{title}}\n  {{message}}\n{{/items}}"
    "{{#more}}... and {{more}} more\n{{/more}}\n{{#link}}{{{link}}}\n{{/link}}";
constexpr const char* kHtml =
    "<h2>{{heading}}</h2><ul>{{#items}}<li><b>{{title}}</b><br>{{message}}</li>{{/items}}</ul>"
    "{{#more}}<p>... and {{more}} more</p>{{/more}}"
    "{{#link}}<p><a href=\"{{link}}\">{{link}}</a></p>{{/link}}";

// What is left of the digest's notifications: unread and wanted; `all` says how many.
Json items_of(const serai::Call& call, std::string_view user_id, std::string_view digest,
              const Preferences& preferences, std::int64_t& all) {
  const auto rows = call.sql().query(
      "SELECT n.type, n.title, n.message FROM notifications_waiting AS w "
      "JOIN notifications_items AS n ON n.id = w.notification "
      "LEFT JOIN notifications_reads AS r ON r.user_id = w.user_id AND r.notification = n.id "
      "WHERE w.user_id = $1 AND w.digest = $2 AND r.read_at IS NULL "
      "ORDER BY n.created_at DESC, n.id DESC LIMIT 1000",
      user_id, digest);
  Json items = Json::array();
  all = 0;
  for (const auto row : rows) {
    if (!preferences.mailed(row.text("type"))) continue;
    if (++all > kListed) continue;
    items.push_back({{"title", row.text("title")}, {"message", row.text("message")}});
  }
  return items;
}

}  // namespace

void mail_what_waits(const serai::Call& call, std::string_view user_id) {
  const auto rows = call.sql().query(
      "SELECT 1 AS one FROM notifications_waiting WHERE user_id = $1 LIMIT 1", user_id);
  if (!rows.empty())
    call.jobs().enqueue("mail_digest", {{"user", user_id}}, {.unique_key = std::string(user_id)});
}

void gather_digests(serai::Job& job) {
  const auto rows = job.sql().query(
      "SELECT user_id, min(queued_at) AS oldest FROM notifications_waiting GROUP BY user_id");
  if (rows.empty()) return;
  const AllPreferences preferences(job);
  const auto now = job.clock().now();
  const auto hour = static_cast<unsigned>(job.config().integer("digest_hour"));
  const auto weekday = weekday_of(job.config().text("digest_weekday"));
  auto transaction = job.sql().transaction();
  for (const auto row : rows) {
    const std::string user(row.text(0));
    const auto due = last_due(preferences.of(user).frequency(), now, hour, weekday);
    if (row.text(1) <= serai::to_text(due))
      job.jobs().enqueue("mail_digest", {{"user", user}}, {.unique_key = user});
  }
  transaction.commit();
}

void mail_digest(serai::Job& job) {
  const auto user = job.field<std::string>("user");
  const auto everybody = readers(job);
  if (everybody.empty()) return;  // what waits is kept
  const auto sql = job.sql();
  // What comes from now on waits for the next digest.
  const auto digest = job.clock().uuid();
  auto transaction = sql.transaction();
  const auto taken =
      sql.execute("UPDATE notifications_waiting SET digest = $2 WHERE user_id = $1", user, digest);
  if (taken == 0) return;
  const auto reader = std::find_if(everybody.begin(), everybody.end(),
                                   [&](const Reader& one) { return one.id == user; });
  if (reader != everybody.end()) {
    std::int64_t all = 0;
    Json data{{"items", items_of(job, user, digest, preferences_of(job, user), all)}};
    data["heading"] = std::to_string(all) + (all == 1 ? " notification" : " notifications");
    if (all > kListed) data["more"] = std::to_string(all - kListed);
    if (all > 0)
      send(job, *reader,
           {"notifications.digest", "{{heading}}", kText, kHtml, data, "digest-" + digest});
  }
  sql.execute("DELETE FROM notifications_waiting WHERE user_id = $1 AND digest = $2", user, digest);
  transaction.commit();
}

}  // namespace notifications
