// The page that shows what was sent to the sink, and never what went to people: for demonstrations
// and tests of templates.
#pragma once

#include <serai/plugin.hpp>

namespace mail {

serai::Response make_sink_link(serai::Request& request);
// The list, or one mail when the path names one.
serai::Response sink_page(serai::Request& request);

}  // namespace mail
