// Mail that the host itself sends: invitations and password resets. The host speaks no SMTP yet:
// the implementation here leaves each message as a file for the operator or a relay to pick up.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace host::auth {

struct Mail {
  std::string tenant;  // whose user it is for
  std::string to;
  std::string subject;
  std::string text;  // plain text, UTF-8
};

class Mailer {
 public:
  virtual ~Mailer() = default;
  // Durable when it returns. Throws Problem(503 mail_unavailable).
  virtual void send(const Mail& mail) = 0;
  // Removes what waits for a tenant that goes.
  virtual void forget(const std::string& tenant) = 0;
};

// <directory>/<tenant>/<id>.eml, mode 0600: they hold one-time links.
std::unique_ptr<Mailer> make_outbox_mailer(std::filesystem::path directory);

}  // namespace host::auth
