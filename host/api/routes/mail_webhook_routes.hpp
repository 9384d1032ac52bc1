// Mail for any tenant, as a provider posts it to one address of the whole platform.
#pragma once

#include <string>
#include <vector>

#include "api/route.hpp"
#include "mail_in/mail_in.hpp"

namespace host::api {

// By what the provider is known; what is empty is not asked for.
struct MailWebhookTrust {
  std::string secret;  // the password it gives (HTTP Basic, any user)
  std::string key;     // by which it signs (signed_post.hpp): a public key, base64
};

// `mail` must outlive the routes. Without secret and key there are none.
std::vector<Route> mail_webhook_routes(mail_in::MailIn& mail, MailWebhookTrust trust);

}  // namespace host::api
