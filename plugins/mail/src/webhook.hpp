// What SendGrid reports: signed with a key that only SendGrid has, posted to a link that only the
// tenant's subuser knows. The link names the tenant, nothing in the body does.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

namespace mail {

// ECDSA over P-256 and SHA-256 of timestamp and body; `key` and `signature` are base64 (DER).
bool signature_holds(std::string_view key, std::string_view signature, std::string_view timestamp,
                     std::string_view body);

serai::Response make_webhook(serai::Request& request);
void sendgrid_events(serai::Request& request);

// mail.bounced/1: {address, message_id, reason (bounce or complaint), detail}
serai::Json bounced_service(serai::ServiceCall& call);

}  // namespace mail
