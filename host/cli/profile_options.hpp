// From command-line options to a profile that is fit to use.
#pragma once

#include "cli/commands.hpp"
#include "config/profile.hpp"

namespace host::cli {

// The profile with the command line's changes, and every fault of file and environment.
config::Loaded load(const ProfileOptions& options);
// The same for commands that need a fault-free one: prints the faults and throws
// std::runtime_error.
config::Profile load_or_fail(const ProfileOptions& options);
// For commands that only ask a running host: no fault of the file; what that host needs besides,
// its secrets and trusted keys, need not be here.
config::Profile client_profile_or_fail(const ProfileOptions& options);

// Whether the file that is meant is there.
bool has_profile(const ProfileOptions& options);

// The folder of keys whose owners may bring plugins; empty: there is none.
std::filesystem::path trust_store_of(const config::Profile& profile);

// Directory of the running executable, for what is installed beside it.
std::filesystem::path executable_directory();

}  // namespace host::cli
