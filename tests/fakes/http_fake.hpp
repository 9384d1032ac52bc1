// A server for tests that answers each connection with what the test prepared: bytes as they are,
// silence, or a hang-up; or with what a function makes of the request. Plain sockets, one thread.
// Remembers what it was asked.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fakes {

class HttpFake {
 public:
  // Request bytes to answer bytes; nullopt is silence. Runs on the fake's thread.
  using Responder = std::function<std::optional<std::string>(const std::string&)>;

  // `port` 0: a free one. `responder` answers when nothing is prepared; without one that is a
  // hang-up.
  explicit HttpFake(int port = 0, Responder responder = {});
  ~HttpFake();
  HttpFake(const HttpFake&) = delete;
  HttpFake& operator=(const HttpFake&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  // The next connection that has no answer yet gets these bytes and is closed.
  void answer(std::string bytes);
  void answer(int status, const std::string& body, const std::string& headers = "");
  // Reads the request and never answers; the connection stays open until the fake goes.
  void silence();
  // Closes without a byte.
  void hang_up();

  // Requests as they came, head and body.
  std::vector<std::string> requests() const;

 private:
  enum class Kind { bytes, silence, hang_up };
  struct Step {
    Kind kind;
    std::string bytes;
  };
  void serve();
  void serve_one(int connection);

  Responder responder_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::deque<Step> steps_;
  std::vector<std::string> requests_;
  std::vector<int> silent_;
  std::thread thread_;
};

}  // namespace fakes
