// Mail as providers post it: stored before it is acknowledged, once.
#pragma once

#include <serai/plugin.hpp>

namespace inbound {

serai::Json receive_form(serai::Request& request);
serai::Json receive_mime(serai::Request& request);
// The addresses for the provider's settings; those made before end.
serai::Response make_address(serai::Request& request);

}  // namespace inbound
