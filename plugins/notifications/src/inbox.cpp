// See inbox.hpp.
#include "inbox.hpp"

#include "text.hpp"

namespace notifications {
namespace {

using serai::Json;

// Each of the three numbers comes from an index alone. Marks are written only of what their user
// sees, and go with it, so that the difference is what was not read.
constexpr const char* kVisible =
    "(SELECT count(*) FROM notifications_items WHERE user_id = $1) + "
    "(SELECT count(*) FROM notifications_items WHERE user_id = '')";
constexpr const char* kRead = "(SELECT count(*) FROM notifications_reads WHERE user_id = $1)";

std::int64_t count(const serai::Request& request, bool unread_only) {
  std::string statement = std::string("SELECT ") + kVisible;
  if (unread_only) statement += std::string(" - ") + kRead;
  return request.sql().query(statement + " AS number", request.caller().user).front().integer(0);
}

// Of one reader, in the order of the index: as many as can be on the page.
std::string newest(const std::string& reader, bool unread_only) {
  return "(SELECT i.id, i.created_at FROM notifications_items AS i WHERE i.user_id = " + reader +
         (unread_only ? " AND NOT EXISTS (SELECT 1 FROM notifications_reads AS m "
                        "WHERE m.user_id = $1 AND m.notification = i.id)"
                      : "") +
         " ORDER BY i.created_at DESC, i.id DESC LIMIT $2)";
}

}  // namespace

Json list_notifications(serai::Request& request) {
  const auto limit = request.query_integer("limit", 20);
  const auto offset = request.query_integer("offset", 0);
  const bool unread_only = request.query_boolean("unread_only", false);
  const auto rows = request.sql().query(
      "WITH own AS " + newest("$1", unread_only) + ", everybody AS " + newest("''", unread_only) +
          ", page AS (SELECT id, created_at FROM own UNION ALL "
          "SELECT id, created_at FROM everybody "
          "ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4) "
          "SELECT n.id, n.type, n.title, n.message, n.entity_type, n.entity_id, n.metadata, "
          "n.created_at, r.read_at FROM page AS p JOIN notifications_items AS n ON n.id = p.id "
          "LEFT JOIN notifications_reads AS r ON r.user_id = $1 AND r.notification = n.id "
          "ORDER BY p.created_at DESC, p.id DESC",
      request.caller().user, limit + offset, limit, offset);
  const auto now = request.clock().now();
  Json items = Json::array();
  for (const auto row : rows) {
    const auto nullable = [&](const char* column) {
      const auto text = row.optional_text(column);
      return text ? Json(*text) : Json();
    };
    items.push_back({{"id", row.text("id")},
                     {"type", row.text("type")},
                     {"title", row.text("title")},
                     {"message", row.text("message")},
                     {"entity_type", nullable("entity_type")},
                     {"entity_id", nullable("entity_id")},
                     {"metadata", row.json("metadata")},
                     {"read", !row.is_null("read_at")},
                     {"read_at", nullable("read_at")},
                     {"created_at", row.text("created_at")},
                     {"time_ago", time_ago(row.text("created_at"), now)}});
  }
  Json answer = serai::list(std::move(items));
  answer["total"] = count(request, unread_only);
  answer["limit"] = limit;
  answer["offset"] = offset;
  return answer;
}

Json unread_count(serai::Request& request) { return {{"unread_count", count(request, true)}}; }

Json mark_read(serai::Request& request) {
  const auto sql = request.sql();
  const auto marked = sql.execute(
      "INSERT INTO notifications_reads (user_id, notification, read_at) "
      "SELECT CAST($2 AS TEXT), n.id, CAST($3 AS TEXT) FROM notifications_items AS n "
      "WHERE n.id = $1 AND n.user_id IN ('', CAST($2 AS TEXT)) "
      "ON CONFLICT (user_id, notification) DO NOTHING",
      request.path("notification_id"), request.caller().user, request.clock().now_text());
  if (marked == 0) {  // it was read before, or is not theirs
    const auto rows = sql.query(
        "SELECT 1 AS one FROM notifications_reads WHERE user_id = $1 AND notification = $2",
        request.caller().user, request.path("notification_id"));
    if (rows.empty()) throw serai::not_found("The notification");
  }
  return {{"message", "Notification marked as read"}};
}

Json mark_all_read(serai::Request& request) {
  request.sql().execute(
      "INSERT INTO notifications_reads (user_id, notification, read_at) "
      "SELECT CAST($1 AS TEXT), n.id, CAST($2 AS TEXT) FROM notifications_items AS n "
      "WHERE n.user_id IN ('', CAST($1 AS TEXT)) AND NOT EXISTS (SELECT 1 FROM "
      "notifications_reads AS m WHERE m.user_id = CAST($1 AS TEXT) AND m.notification = n.id) "
      "ON CONFLICT (user_id, notification) DO NOTHING",
      request.caller().user, request.clock().now_text());
  return {{"message", "All notifications marked as read"}};
}

}  // namespace notifications
