// In whose language a customer is written to.
#pragma once

#include <serai/plugin.hpp>

#include "inquiry.hpp"
#include "words/words.hpp"

namespace quotes {

// The customer's, where it is known and the tenant wants that; else the tenant's own.
const Language& language_for(const serai::Call& call, const Inquiry& asked);
const Language& own_language(const serai::Call& call);

}  // namespace quotes
