// What the customer does with a quote, by the links in the mail and on the page: see, accept,
// decline. The subject of every link is the quote's share_id; without one no link works.
#pragma once

#include <serai/plugin.hpp>

namespace quotes {

// A page for who accepts text/html, else JSON; the first look is recorded.
serai::Response shared(serai::Request& request);
serai::Response public_pdf(serai::Request& request);
// ?answer=accept (with the option where there are several) or decline; the first word counts.
serai::Response answer(serai::Request& request);

}  // namespace quotes
