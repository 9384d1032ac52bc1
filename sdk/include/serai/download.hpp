// A file of somebody's, to be saved by who asks for it.
#pragma once

#include <string>
#include <string_view>

#include "serai/response.hpp"

namespace serai {

// Content-Disposition for a file of that name (UTF-8): plain letters for old clients, all of them
// for the others (RFC 6266, RFC 8187).
inline std::string attachment_named(std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string plain, encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    plain += letter || c == ' ' ? c : '_';
    if (letter)
      encoded += c;
    else
      encoded.append("%").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
}

// A blob of the tenant as that file. Never shown in the host's own origin, whatever it is: it may
// be a page with scripts.
inline Response download(std::string_view blob, std::string content_type, std::string_view name) {
  return Response::from_blob(blob, std::move(content_type))
      .with_header("content-disposition", attachment_named(name))
      .with_header("x-content-type-options", "nosniff");
}

}  // namespace serai
