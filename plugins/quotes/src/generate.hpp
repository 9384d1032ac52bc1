// Making quotes: the two routes, and quotes.request/1 for other plugins.
#pragma once

#include <serai/plugin.hpp>

namespace quotes {

serai::Json generate(serai::Request& request);
serai::Json create_with_items(serai::Request& request);
serai::Json request_service(serai::ServiceCall& call);

}  // namespace quotes
