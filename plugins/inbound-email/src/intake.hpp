// Mail as providers post it or the host hands it over: stored before it is acknowledged, once.
#pragma once

#include <serai/plugin.hpp>

namespace inbound {

serai::Json receive_form(serai::Request& request);
serai::Json receive_mime(serai::Request& request);
// inbound.receive/1: a mail that arrived at the host, as a blob of this tenant's.
serai::Json receive_service(serai::ServiceCall& call);
// The addresses for the provider's settings; those made before end.
serai::Response make_address(serai::Request& request);

}  // namespace inbound
