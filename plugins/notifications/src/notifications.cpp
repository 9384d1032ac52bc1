// The plugin: which word of the manifest is which function.
#include <serai/plugin.hpp>

#include "digest.hpp"
#include "inbox.hpp"
#include "mailing.hpp"
#include "news.hpp"
#include "notice.hpp"
#include "preferences.hpp"
#include "retention.hpp"

namespace notifications {
namespace {

class Notifications : public serai::Plugin {
 public:
  Notifications() {
    route("list", list_notifications);
    route("unread_count", unread_count);
    route("mark_read", mark_read);
    route("mark_all_read", mark_all_read);
    route("get_preferences", get_preferences);
    route("put_preferences", put_preferences);
    job("mail", mail_notification);
    job("gather_digests", gather_digests);
    job("mail_digest", mail_digest);
    job("remove_old", remove_old);
    event("client_added", client_added);
    event("clients_imported", clients_imported);
    event("stage_changed", stage_changed);
    event("mail_lost", mail_lost);
    service("notify", notify_service);
  }
};

}  // namespace
}  // namespace notifications

SERAI_PLUGIN(notifications::Notifications)
