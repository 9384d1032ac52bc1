// What time does to quotes, a few hundred at a time.
#pragma once

#include <serai/plugin.hpp>

namespace quotes {

// Ends those whose time is over, and tells consultants whom to get in touch with.
void sweep(serai::Job& job);

}  // namespace quotes
