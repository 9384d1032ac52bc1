// Allocations of the plugin's own code and of the C++ run-time on its behalf, counted and made to
// fail. Works by redirecting malloc and its kin in the plugin's and the run-time's tables of
// functions, so that the host's own allocations and other libraries are left alone.
#pragma once

#include <cstddef>

#include "library.hpp"

namespace serai::check {

// Redirects the functions; once per library. Gives the number of places redirected.
int redirect_allocations(const Library& library);

// From now on the `fail_at`th allocation (from 1; 0: none) inside the plugin fails, and with
// `sticky` all after it until this is called again; only those of `least` bytes count. Resets the
// count.
void fail_allocation(long fail_at, bool sticky, std::size_t least = 0);
// Allocations inside the plugin since.
long allocations();

}  // namespace serai::check
