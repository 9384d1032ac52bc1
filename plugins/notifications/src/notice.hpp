// Writing a notification: one row, for one user or for everybody of the tenant.
#pragma once

#include <optional>
#include <string>

#include <serai/plugin.hpp>

namespace notifications {

struct Notice {
  std::string type;          // one of kKinds
  std::string title;         // at most 255 characters
  std::string message;       // at most 2000
  std::string user_id = {};  // empty: everybody
  std::optional<std::string> entity_type = {}, entity_id = {};
  serai::Json metadata = serai::Json::object();
  std::string once_key = {};  // the same key: the same notification; empty: see notify()
  bool mailed = true;         // false: in the app only, whatever the users prefer
};

// The document of notifications.notify/1. A title or message that is too long is cut, because what
// it tells of must not fail for its length; anything else that is wrong is Problem 422.
Notice notice_of(const serai::Json& document);

// Joins the caller's transaction; its id. Without a key of its own, the same type about the same
// entity for the same reader within five minutes is the same notification.
std::string notify(const serai::Call& call, const Notice& notice);

serai::Json notify_service(serai::ServiceCall& call);

}  // namespace notifications
