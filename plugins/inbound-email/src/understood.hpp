// What a mail asks for, by rules or by the tenant's provider.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "understanding/enquiry.hpp"

namespace inbound {

struct Understood {
  Enquiry enquiry;
  serai::Json how;  // of the ticket's metadata: {by: rules | provider, fields?, why?}
};

// By the rules, and, where the setting says so and `may_ask`, by `ai.chat/1` beside them: a field
// that the provider gives counts only with words that stand in the mail and a value that the rest
// of the system could take. Without a provider the rules' result stands, and `how` says why. Not in
// a transaction: the provider takes its time.
Understood understand_mail(const serai::Call& call, const Mail& mail, bool may_ask);

}  // namespace inbound
