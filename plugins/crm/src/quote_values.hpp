// What quotes are worth: each quote's total, and from these a client's value.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "client.hpp"

namespace crm {

// In the caller's transaction: value, currency, destination and number of quotes of `client` as the
// quotes that are there say. The value is the latest quote's.
void follow_quotes(const serai::Call& call, Client& client);

// Service crm.quoted/1: a quote was made or its total has changed.
serai::Json quoted(serai::ServiceCall& call);

}  // namespace crm
