// Clients that write notes through nginx, one after the other, and keep account of what they were
// told, so that afterwards every acknowledged write can be looked for.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "e2e/running_host.hpp"

namespace serai_test {

class Load {
 public:
  enum class Client {
    sends_once,  // anything but 2xx is a failed request
    repeats  // with an Idempotency-Key, the same again until it knows that the write took effect
  };
  Load(const HttpClient& front, Client kind, std::size_t clients = 4);
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Ends when each client has its last answer.
  void stop();
  // Waits until every client has begun `count` requests from here on, and got their answers.
  bool goes_on(std::size_t count) const;

  std::size_t requests() const { return requests_; }
  // Failed requests by what was answered: "502 <html>...".
  std::map<std::string, std::size_t> failures() const;
  std::size_t failed() const;

  struct Account {
    std::size_t acknowledged = 0;  // writes that the client knows to have taken effect
    std::vector<std::string> lost, doubled;
  };
  // After stop(): what is there, compared with what was acknowledged.
  Account account(const HttpClient& reader) const;

 private:
  void run(std::size_t client);
  bool write_once(std::size_t client, const std::string& text);
  bool write_surely(std::size_t client, const std::string& text);
  void read_some(std::size_t client);
  Answer send(std::size_t client, const std::string& text, const HttpClient::Headers& headers);
  void note_failure(const Answer& answer);

  const HttpClient front_;
  const Client kind_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> requests_{0};
  std::vector<std::atomic<std::size_t>> finished_;  // by client
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> failures_;
  std::vector<std::string> acknowledged_;
  std::vector<std::thread> threads_;
};

}  // namespace serai_test
