// One HTTP request to the store and its answer, over libcurl, on connections that are kept. Signs
// nothing, repeats nothing. Thread-safe: each request borrows a handle.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "s3/signature.hpp"

namespace host {
class CurlHandles;
}

namespace host::s3 {

struct HttpRequest {
  std::string method;
  std::string url;  // encoded as it was signed
  Pairs headers;
  std::string_view body;             // lives until the answer is there
  std::uint64_t longest_answer = 0;  // bytes of body; more is a failure
  std::chrono::milliseconds time{0};
};

struct HttpAnswer {
  int status = 0;  // 0: none came
  Pairs headers;   // names in lower case
  std::string body;
  std::string fault;  // why there is none, for the log

  // The first of that name (lower case); empty if there is none.
  std::string_view header(std::string_view name) const;
};

class Transport {
 public:
  explicit Transport(std::chrono::milliseconds connect_time);
  ~Transport();

  HttpAnswer send(const HttpRequest& request);
  // Requests under way end within a second or so, and none begins any more.
  void stop() noexcept { stopped_ = true; }
  bool stopped() const noexcept { return stopped_; }

 private:
  const std::chrono::milliseconds connect_time_;
  std::unique_ptr<CurlHandles> handles_;
  std::atomic<bool> stopped_{false};
};

}  // namespace host::s3
