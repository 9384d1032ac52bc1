// What SendGrid reports: signed with a key that only SendGrid has (the host checks that, as the
// manifest says), posted to a link that only the tenant's subuser knows. The link names the tenant,
// nothing in the body does.
#pragma once

#include <serai/plugin.hpp>

namespace mail {

serai::Response make_webhook(serai::Request& request);
void sendgrid_events(serai::Request& request);

// mail.bounced/1: {address, message_id, reason (bounce or complaint), detail}
serai::Json bounced_service(serai::ServiceCall& call);

}  // namespace mail
