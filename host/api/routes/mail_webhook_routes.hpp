// Mail for any tenant, as a provider posts it to one address of the whole platform.
#pragma once

#include <string>
#include <vector>

#include "api/route.hpp"
#include "mail_in/mail_in.hpp"

namespace host::api {

// `mail` must outlive the routes. `secret`: the password the provider has to give (HTTP Basic, any
// user); without one there are no such routes.
std::vector<Route> mail_webhook_routes(mail_in::MailIn& mail, std::string secret);

}  // namespace host::api
