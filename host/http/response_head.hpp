// Writes the head of an answer: status line, Date, the frame (length or chunked, Connection) and
// the service's own fields. It decides the framing alone, so a service cannot contradict it. Called
// by the connection; holds no state but a cached Date per thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace host::http {

enum class Framing : std::uint8_t { length, chunked, until_close };

struct HeadFrame {
  Framing framing = Framing::length;
  std::uint64_t length = 0;  // with Framing::length
  bool keep_alive = true;
  int version_minor = 1;  // of the request
};

// Field names are tokens and no value contains a control character: nothing a plugin or a client
// put into a field can end it. Also refuses a status outside 200..599.
bool valid_head(const Response& response);

// The service asked for the connection to be closed.
bool asks_close(const Response& response);

// 204 and 304 carry no body and no length.
constexpr bool status_has_body(int status) { return status != 204 && status != 304; }

// Appends the head and its blank line. `response` has passed valid_head().
void append_head(std::string& out, const Response& response, const HeadFrame& frame);

}  // namespace host::http
