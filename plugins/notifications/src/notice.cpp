// See notice.hpp.
#include "notice.hpp"

#include "kind.hpp"
#include "text.hpp"

namespace notifications {
namespace {

using serai::Json;

constexpr std::size_t kTitle = 255, kMessage = 2000, kMetadata = 16 * 1024;
constexpr std::chrono::minutes kSame{5};

// A member that must be text; nullopt: not there.
std::optional<std::string> text_of(const Json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end() || found->is_null()) return std::nullopt;
  if (!found->is_string())
    throw serai::invalid_field(std::string("/") + name, "This must be a text.");
  return found->get<std::string>();
}

// An id or a key: is used as it is or not at all.
std::optional<std::string> plain(const Json& document, const char* name, std::size_t most) {
  auto text = text_of(document, name);
  if (text && (text->empty() || text->size() > most || tidy(*text, most) != *text)) {
    throw serai::invalid_field(
        std::string("/") + name,
        "This must have 1 to " + std::to_string(most) + " bytes, without control characters.");
  }
  return text;
}

// What may be there only once; empty: nothing. A line feed is in none of the parts.
std::string claim_of(const Notice& notice) {
  if (!notice.once_key.empty()) return "once\n" + notice.once_key;
  if (!notice.entity_type || !notice.entity_id) return {};
  return "entity\n" + notice.type + "\n" + *notice.entity_type + "\n" + *notice.entity_id + "\n" +
         notice.user_id;
}

}  // namespace

Notice notice_of(const Json& document) {
  if (!document.is_object()) throw serai::invalid_field("", "The document must be an object.");
  Notice notice;
  notice.type = text_of(document, "type").value_or("");
  if (!find_kind(notice.type)) throw serai::invalid_field("/type", "There is no such type.");
  notice.title = tidy(text_of(document, "title").value_or(""), kTitle);
  if (notice.title.empty()) throw serai::invalid_field("/title", "A notification has a title.");
  notice.message = tidy(text_of(document, "message").value_or(""), kMessage, true);
  notice.user_id = plain(document, "user_id", 64).value_or("");
  notice.entity_type = plain(document, "entity_type", 50);
  notice.entity_id = plain(document, "entity_id", 100);
  notice.once_key = plain(document, "once_key", 200).value_or("");
  if (const auto metadata = document.find("metadata");
      metadata != document.end() && !metadata->is_null()) {
    if (!metadata->is_object() || serai::dump_json(*metadata).size() > kMetadata)
      throw serai::invalid_field("/metadata", "This must be an object of at most 16 KiB.");
    notice.metadata = *metadata;
  }
  return notice;
}

std::string notify(const serai::Call& call, const Notice& notice) {
  const auto sql = call.sql();
  std::string id = call.clock().uuid();
  const auto now = call.clock().now();
  auto transaction = sql.transaction();
  if (const auto claim = claim_of(notice); !claim.empty()) {
    // One statement decides who is first, also among nodes; an entity's claim can be renewed.
    const auto old = notice.once_key.empty() ? now - kSame : serai::Timestamp{};
    const auto claimed = sql.execute(
        "INSERT INTO notifications_claims (key, notification, claimed_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (key) DO UPDATE SET notification = excluded.notification, "
        "claimed_at = excluded.claimed_at WHERE notifications_claims.claimed_at <= $4",
        claim, id, serai::to_text(now), serai::to_text(old));
    if (claimed == 0) {
      const auto rows =
          sql.query("SELECT notification FROM notifications_claims WHERE key = $1", claim);
      id = rows.required("The notification").text(0);
      transaction.commit();
      call.metrics().add("duplicates_total");
      return id;
    }
  }
  sql.execute(
      "INSERT INTO notifications_items (id, user_id, type, title, message, entity_type, entity_id, "
      "metadata, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      id, notice.user_id, notice.type, notice.title, notice.message, notice.entity_type,
      notice.entity_id, serai::dump_json(notice.metadata), serai::to_text(now));
  if (notice.mailed && call.services().available("mail.send/1"))
    call.jobs().enqueue("mail", {{"notification", id}}, {.unique_key = id});
  transaction.commit();
  call.metrics().add("created_total");
  return id;
}

Json notify_service(serai::ServiceCall& call) {
  return {{"id", notify(call, notice_of(call.json()))}};
}

}  // namespace notifications
