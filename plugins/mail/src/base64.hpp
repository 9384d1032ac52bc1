// Base64 (RFC 4648) of attachments, by GLib, which GMime brings.
#pragma once

#include <optional>
#include <string>

namespace mail {

std::string base64(const std::string& bytes);
// nullopt for anything but what base64() gives: no blanks, no line ends.
std::optional<std::string> from_base64(const std::string& text);

}  // namespace mail
