// A mail server for tests of what no real one does: it greets, is silent, hangs up or talks
// rubbish as a function says. Plain sockets, one thread, no TLS. Remembers what it was told.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fakes {

class SmtpFake {
 public:
  // A line without its end to the bytes that answer it; the greeting answers "", a whole message
  // ".", if "DATA" was answered with 354. nullopt is silence for good, "" a hang-up. Runs on the
  // fake's thread.
  using Script = std::function<std::optional<std::string>(const std::string&)>;

  explicit SmtpFake(Script script);
  ~SmtpFake();
  SmtpFake(const SmtpFake&) = delete;
  SmtpFake& operator=(const SmtpFake&) = delete;

  int port() const { return port_; }  // a script may speak IMAP as well
  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  // Lines as they came, of all sessions, those of messages too.
  std::vector<std::string> heard() const;

 private:
  void serve();
  void serve_one(int connection);
  // False: the connection has ended.
  bool answer(int connection, const std::string& line, std::string& said);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::thread thread_;
};

}  // namespace fakes
