// Headers every answer gets: the seven security headers, and CORS for the origins the operator
// lists. Immutable after construction, used by all threads.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace host::api {

class ResponseHeaders {
 public:
  // `strict_transport`: send Strict-Transport-Security (false in development, where TLS is absent).
  ResponseHeaders(std::vector<std::string> cors_origins, bool strict_transport);

  // `embeddable`: the answer may be shown in a frame of its own origin (documents and PDFs). A
  // handler's own Content-Security-Policy and Referrer-Policy stand; the rest the host decides.
  void add_security(http::Response& response, bool embeddable) const;
  // Does nothing for a request without Origin or from an origin that is not listed.
  void add_cors(const http::Request& request, http::Response& response) const;
  // The answer to OPTIONS on a path that allows `methods` ("GET, POST").
  http::Response preflight(const http::Request& request, const std::string& methods) const;

 private:
  bool listed(std::string_view origin) const;

  struct Security {
    http::Headers fields;
    std::string lines;  // all of them
  };
  static Security security(bool embeddable, bool strict_transport);

  std::vector<std::string> origins_;
  std::array<Security, 2> security_;  // second: embeddable
};

}  // namespace host::api
