// Mail that arrives at the host, for the platform's administrator: whose an address is, what is on,
// the inbox of what was nobody's.
#pragma once

#include <memory>
#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "mail_in/diagnosis.hpp"

namespace host::api {

// `mail` and `audit` must outlive the routes.
std::vector<Route> mail_in_routes(mail_in::MailIn& mail, audit::Audit& audit,
                                  std::shared_ptr<const mail_in::Diagnosis> diagnosis);

}  // namespace host::api
