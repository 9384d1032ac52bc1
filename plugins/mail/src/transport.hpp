// One attempt to hand a mail over, by the transport of the tenant's settings.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "messages.hpp"

namespace mail {

// The setting or secret of the tenant's without which no mail can leave; "" if none is missing.
std::string missing(const serai::Call& call);

struct Attempt {
  enum class End {
    accepted,    // by a server: it is its business now
    no_mailbox,  // there is nobody at that address
    refused,     // for good, for another reason
    postponed,   // worth another attempt
  };
  End end = End::postponed;
  std::string transport, provider_id, reply;
};

// Never throws for what the outside does.
Attempt attempt(const serai::Call& call, const Message& message);

// sendgrid.cpp
Attempt attempt_sendgrid(const serai::Call& call, const Message& message);

}  // namespace mail
