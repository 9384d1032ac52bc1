// Reads server-sent events from a running host over a plain socket, so that a test can also be a
// client that does not read, or that vanishes. Waits on its socket by poll; the patience only
// bounds a test that would otherwise hang.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace serai_test {

class EventClient {
 public:
  // `base_url` as of HttpClient: http://127.0.0.1:8080 or unix:/path. Connects and asks at once.
  EventClient(const std::string& base_url, const std::string& path, const std::string& token);
  ~EventClient();
  EventClient(EventClient&& other) noexcept;
  EventClient& operator=(EventClient&&) = delete;

  int status();                                 // 0: the connection ended before an answer
  std::string header(const std::string& name);  // in lower case
  // The lines of the next event without its blank line; comments are passed over. Empty: the stream
  // has ended.
  std::string next();
  // Reads on until the end. False: it was cut off in the middle.
  bool ends();

 private:
  bool fill();
  bool read_head();
  bool take_chunk();

  int descriptor_ = -1;
  std::string raw_, text_;
  bool has_head_ = false, whole_ = false, over_ = false;
  int status_ = 0;
  std::map<std::string, std::string> headers_;
};

}  // namespace serai_test
