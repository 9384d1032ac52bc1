// Stands between a client and a real S3 server and misbehaves where the test wants it to. Plain
// sockets, a thread per connection, one request per connection.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fakes {

class S3Proxy {
 public:
  enum class Deed {
    pass,
    slow_down,   // 503 SlowDown instead of asking the server
    truncate,    // promises the whole answer, sends half of its body, and hangs up
    flip,        // changes one byte of the answer's body
    reset_head,  // resets the connection when the head has come and the body has begun
    lose,        // the server gets the request; its answer never arrives
    skewed,      // 403 RequestTimeTooSkewed
    junk,        // 200 with a page of HTML
    silence,     // never answers
  };
  // Which for this request; `line` as "PUT /bucket/key?x=y". Any thread.
  using Decide = std::function<Deed(const std::string& line)>;

  explicit S3Proxy(int server_port, Decide decide);
  ~S3Proxy();
  S3Proxy(const S3Proxy&) = delete;
  S3Proxy& operator=(const S3Proxy&) = delete;

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // Lines of the requests that came, in order.
  std::vector<std::string> requests() const;

 private:
  void accept_all();
  void serve(int connection);

  const int server_port_;
  const Decide decide_;
  int listener_ = -1, port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace fakes
