// An outside request of a plugin's call: where the call may go, and what it costs whom. Private to
// abi_http_client.cpp, abi_smtp.cpp and abi_imap.cpp.
#pragma once

#include <string>

#include "base/problem.hpp"
#include "plugins/boundary.hpp"
#include "plugins/outbound.hpp"

namespace host::plugins {

// The manifest's hosts, those in settings among them, and the denials of operator and tenant.
OutboundHosts outbound_hosts(CallContext& context);

// Runs `ask(tally)`: what it used is the call's however it ends, and a host that is not allowed is
// noted under the name `host()` gives it.
template <class Host, class Ask>
auto counted(CallContext& context, Host&& host, Ask&& ask) {
  struct Counted {
    CallContext& context;
    OutboundTally tally;
    ~Counted() {
      context.used.add(usage::Unit::outbound_calls, tally.attempts);
      context.used.add(usage::Unit::outbound_bytes, tally.bytes);
    }
  } counted{context, {}};
  try {
    return ask(counted.tally);
  } catch (const Problem& problem) {
    if (problem.code() == "host_not_allowed")
      inside_of(context).denials.note(context.token().tenant(), context.token().plugin(),
                                      "host " + host());
    throw;
  }
}

}  // namespace host::plugins
