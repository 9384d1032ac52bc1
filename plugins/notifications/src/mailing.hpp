// Notifications by mail: who is told at once, and the way to the plugin `mail`.
#pragma once

#include <string>
#include <vector>

#include <serai/plugin.hpp>

namespace notifications {

struct Reader {
  std::string id, email, name;
};

// The active users of the tenant. Ask before a transaction: the answer is no part of one. Nothing:
// the host does not tell, or nobody takes mail over.
std::vector<Reader> readers(const serai::Call& call);

struct Letter {
  std::string template_name, subject, text, html;  // Mustache
  serai::Json data;
  std::string key;  // the same key: the same mail
};

// Hands it over in the caller's transaction. An address that takes no mail, and a tenant that has
// not set up mail, are no failures; any other is thrown and tried again.
void send(const serai::Call& call, const Reader& to, Letter letter);

// Job {notification}: mails it to whoever wants it at once and lets it wait for the digests of the
// others; both once, whatever happens on the way.
void mail_notification(serai::Job& job);

}  // namespace notifications
