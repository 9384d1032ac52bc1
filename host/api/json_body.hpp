// JSON from untrusted bytes.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace host::api {

// Throws Problem(400 malformed_json) naming the byte, for a number beyond a double, and for more
// than 64 levels of nesting, which would overflow the stack of whoever copies or writes the value
// later.
nlohmann::json parse_json(std::string_view text);

}  // namespace host::api
