// What a client of the admin API needs of the secrets: the administrator's token, and no other.
#pragma once

#include <string>

#include "config/profile.hpp"

namespace host::config {

// From the environment: SERAI_ADMIN_TOKEN or SERAI_ADMIN_TOKEN_FILE. "": there is none. Throws
// std::runtime_error if the file cannot be read.
std::string given_admin_token(const Environment& environment);

// From the environment or, where a host of this
// profile keeps one, from DATA/secrets. Makes nothing. Throws std::runtime_error, which says where
// was looked, if there is none, and if a file that is there cannot be read.
std::string load_admin_token(const Profile& profile, const Environment& environment);

}  // namespace host::config
