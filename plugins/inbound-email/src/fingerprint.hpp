#pragma once

#include <string>
#include <string_view>

namespace inbound {

// SHA-256 in hexadecimal.
std::string fingerprint(std::string_view bytes);

}  // namespace inbound
