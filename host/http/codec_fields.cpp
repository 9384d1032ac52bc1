// The codec's second half: what the target and the fields that frame a message mean, by RFC 9110
// and RFC 9112. Whatever two servers could read in two ways is refused.
#include "http/ascii.hpp"
#include "http/codec.hpp"
#include "http/form.hpp"

namespace host::http {
namespace {

constexpr std::size_t kLengthDigits = 19;  // any such number fits 64 bits

bool has_dot_segment(std::string_view path) {
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const auto slash = path.find('/', begin);
    const auto segment =
        path.substr(begin, slash == std::string_view::npos ? slash : slash - begin);
    if (segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    begin = slash + 1;
  }
  return false;
}

bool has_control_byte(std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

bool valid_escapes(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3 || !is(text[at + 1], kHexDigit) || !is(text[at + 2], kHexDigit))
      return false;
  }
  return true;
}

// %2F and %5C would become separators for whoever decodes after the routes were matched.
bool has_encoded_separator(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const auto code = path.substr(at + 1, 2);
    if (equals_ignoring_case(code, "2f") || equals_ignoring_case(code, "5c") || code == "00")
      return true;
  }
  return false;
}

bool valid_port(std::string_view port) {
  unsigned value = 0;
  if (port.size() > 5) return false;
  for (const char character : port) {
    if (character < '0' || character > '9') return false;
    value = value * 10 + static_cast<unsigned>(character - '0');
  }
  return value <= 65535;
}

bool valid_authority(std::string_view authority) {
  if (authority.empty() || authority.size() > 261) return false;
  std::string_view port;
  if (authority.front() == '[') {
    const auto end = authority.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char character : authority.substr(1, end - 1)) {
      if (!is(character, kHexDigit) && character != ':' && character != '.') return false;
    }
    port = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    const auto name = authority.substr(0, colon);
    if (name.empty() || !consists_of(name, kHostName)) return false;
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
  }
  return port.empty() || (port.front() == ':' && valid_port(port.substr(1)));
}

}  // namespace

bool Codec::on_target(std::string_view target) {
  request_.target = target;
  if (target == "*") {
    if (request_.method != "OPTIONS") {
      return fail(400, "bad_target", "Only OPTIONS may ask for the target '*'.");
    }
    request_.path = target;
    return true;
  }
  if (target.front() != '/') {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos ||
        (!equals_ignoring_case(target.substr(0, scheme), "http") &&
         !equals_ignoring_case(target.substr(0, scheme), "https"))) {
      return fail(400, "bad_target", "The target is neither a path nor an http address.");
    }
    target.remove_prefix(scheme + 3);
    const auto end = target.find_first_of("/?");
    authority_ = target.substr(0, end);
    if (!valid_authority(authority_)) {
      return fail(400, "bad_target", "The authority of the target is malformed.");
    }
    target = end == std::string_view::npos ? std::string_view() : target.substr(end);
  }
  const auto question = target.find('?');
  if (question != std::string_view::npos) {
    const auto query = target.substr(question + 1);
    if (!consists_of(query, kQuery)) {
      return fail(400, "bad_target", "The query contains a character that must be encoded.");
    }
    if (!valid_escapes(query)) {
      return fail(400, "bad_target", "The query has a broken percent escape.");
    }
    request_.query = query;
  }
  const auto path = target.substr(0, question);
  return on_path(path.empty() ? std::string_view("/") : path);
}

bool Codec::on_path(std::string_view path) {
  if (!consists_of(path, kPath)) {
    return fail(400, "bad_target", "The path contains a character that must be encoded.");
  }
  if (path.find('%') == std::string_view::npos) {
    request_.path = path;
  } else {
    if (has_encoded_separator(path)) {
      return fail(400, "bad_target", "The path contains an encoded slash, backslash or NUL.");
    }
    auto decoded = percent_decode(path);
    if (!decoded || has_control_byte(*decoded) || !valid_utf8(*decoded)) {
      return fail(400, "bad_target", "The path's percent-encoding is malformed.");
    }
    request_.path = std::move(*decoded);
  }
  if (has_dot_segment(request_.path)) {
    return fail(400, "bad_target", "The path contains a dot segment.");
  }
  return true;
}

bool Codec::on_field(std::string_view line, bool trailer) {
  if (line.front() == ' ' || line.front() == '\t') {
    return fail(400, "folded_header", "A header field is continued on a second line.");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !consists_of(line.substr(0, colon), kToken)) {
    return fail(400, "bad_header",
                "The name of a header field is not a token followed by a colon.");
  }
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return fail(400, "bad_header", "The value of a header field contains a control character.");
  }
  if (trailer) return true;
  request_.headers.add(std::string(name), std::string(value));
  return on_known_field(name, value);
}

bool Codec::on_known_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (!equals_ignoring_case(name, "Host")) return true;
      if (++hosts_ > 1)
        return fail(400, "second_host", "The request has more than one Host field.");
      return valid_authority(value) || fail(400, "bad_host", "The Host field is malformed.");
    case 6:
      if (!equals_ignoring_case(name, "Expect")) return true;
      (equals_ignoring_case(value, "100-continue") ? expects_continue_ : unknown_expectation_) =
          true;
      return true;
    case 10:
      if (!equals_ignoring_case(name, "Connection")) return true;
      for_each_element(value, [this](std::string_view option) {
        if (equals_ignoring_case(option, "close")) asks_close_ = true;
        if (equals_ignoring_case(option, "keep-alive")) asks_keep_alive_ = true;
      });
      return true;
    case 12:
      if (!equals_ignoring_case(name, "Content-Type")) return true;
      return ++content_types_ == 1 ||
             fail(400, "second_content_type", "The request has more than one Content-Type field.");
    case 14:
      return !equals_ignoring_case(name, "Content-Length") || on_content_length(value);
    case 17:
      return !equals_ignoring_case(name, "Transfer-Encoding") || on_transfer_encoding(value);
    default:
      return true;
  }
}

bool Codec::on_content_length(std::string_view value) {
  if (content_length_) return fail(400, "bad_content_length", "Content-Length is given twice.");
  if (value.empty()) return fail(400, "bad_content_length", "Content-Length is not a number.");
  std::uint64_t length = 0;
  for (const char character : value) {
    if (character < '0' || character > '9') {
      return fail(400, "bad_content_length", "Content-Length is not a number.");
    }
    if (value.size() <= kLengthDigits)
      length = length * 10 + static_cast<std::uint64_t>(character - '0');
  }
  if (value.size() > kLengthDigits) {
    return fail(413, "content_too_large", "The request body is larger than any this server takes.");
  }
  content_length_ = length;
  return true;
}

bool Codec::on_transfer_encoding(std::string_view value) {
  if (chunked_) return fail(400, "bad_transfer_encoding", "Transfer-Encoding is given twice.");
  if (!equals_ignoring_case(value, "chunked")) {
    return fail(501, "bad_transfer_encoding", "The only transfer coding understood is chunked.");
  }
  chunked_ = true;
  return true;
}

}  // namespace host::http
