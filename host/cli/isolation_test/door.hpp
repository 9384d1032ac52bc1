// The house's front door without a socket: requests go through the same pipeline as a client's, on
// the house's own workers. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/isolation_test/signer.hpp"
#include "http/server.hpp"

namespace host::cli::isolation_test {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Ask {
  std::string method = "GET";
  std::string path;  // decoded
  Pairs query;       // decoded
  Pairs headers;
  std::string body, content_type;
  std::string peer = "192.0.2.1";
  std::string request_id;

  // Everything the client says, for knowing an echo.
  std::string said() const;
  // "GET /api/v1/users?limit=1"
  std::string line() const;
};

struct Answer {
  int status = 0;  // 0: none came
  http::Headers headers;
  std::string body;

  bool good() const { return status >= 200 && status < 300; }
  // Status line, headers and body as one text.
  std::string text() const;
};

// Percent-encodes all but unreserved characters.
std::string encoded(std::string_view text);

class Door {
 public:
  // Both must outlive the door; the service serves already. What is posted is signed by the signer.
  Door(http::Service& service, const Signer& signer) : service_(service), signer_(signer) {}
  // Waits for the answer; none within two minutes is an answer of status 0.
  Answer send(const Ask& ask);
  // All of them at the same time; the answers in the order of the requests.
  std::vector<Answer> send_together(const std::vector<const Ask*>& asks);
  std::uint64_t sent() const { return sent_; }

 private:
  http::Service& service_;
  const Signer& signer_;
  std::uint64_t sent_ = 0;
};

}  // namespace host::cli::isolation_test
