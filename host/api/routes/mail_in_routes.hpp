// Mail that arrives at the host, for the platform's administrator: whose an address is, what is on,
// the inbox of what was nobody's.
#pragma once

#include <string>
#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "mail_in/mail_in.hpp"

namespace host::api {

// All must outlive the routes. `listening`: where mail comes in ("lmtp unix:/run/serai/mail.sock");
// empty: nowhere.
std::vector<Route> mail_in_routes(mail_in::MailIn& mail, audit::Audit& audit,
                                  std::string listening);

}  // namespace host::api
