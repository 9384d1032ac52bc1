// A server with a small service behind one of the listeners, for the conformance suite:
//   any method /echo       200, the body, X-Method, X-Path, X-Query
//   /worker                the same from a thread of the pool
//   /held                  answered when the test says so: release()
//   /big?n                 n bytes;  /file?n the same from a file;  /stream?n in pieces from the
//   pool /endless               a stream that goes on until the client leaves /refused admit()
//   throws 401;  /ten takes bodies of at most ten bytes /brief                 held, with a handler
//   time of 100 ms; /feed an answer that stays open, to which the test offers more; /dropped
//   /thrown /strange /forged   replies let go, exceptions, CR LF in a header
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/server.hpp"
#include "http/worker_pool.hpp"
#include "raw_client.hpp"

namespace contract {

enum class Kind { pistache, asio, asio_unix, asio_tls };
std::string name_of(Kind kind);

class TestService final : public host::http::Service {
 public:
  TestService();
  host::http::Admission admit(const host::http::Request& head) override;
  void handle(host::http::Request&& request, host::http::Reply reply) override;
  host::http::Response error(int status, std::string_view code, std::string_view detail) override;

  // Waits until `count` requests are held.
  void await_held(std::size_t count);
  std::size_t held() const;
  // Answers all that are held, each with its body, from this thread.
  void release();
  void stop() { pool_.stop(); }
  bool held_is_abandoned();
  // The stream of the only request for /feed; waits for it.
  host::http::Reply::Stream& feed();
  void drop_feed();

  std::atomic<int> handled{0};
  std::atomic<int> smuggled{0};  // requests for /smuggled: there must never be one
  std::atomic<int> endless_ended{0};
  std::atomic<std::uint64_t> streamed{0};  // bytes /endless was allowed to write

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<host::http::Request, host::http::Reply>> held_;
  std::unique_ptr<host::http::Reply::Stream> feed_;
  host::http::WorkerPool pool_;
};

// One running server of the kind; stops when it goes.
class TestServer {
 public:
  explicit TestServer(Kind kind, const host::http::Limits& limits = {}, unsigned threads = 2);
  ~TestServer();
  const Place& place() const { return place_; }
  TestService& service() { return service_; }
  host::http::Server& server() { return *server_; }
  RawClient client(int receive_buffer = 0) const { return RawClient(place_, receive_buffer); }
  // Sends the bytes on a new connection and reads one answer.
  Answer ask(std::string_view bytes) const { return client().exchange(bytes); }

 private:
  std::filesystem::path directory_;
  TestService service_;
  std::unique_ptr<host::http::Server> server_;
  Place place_;
};

// Limits whose times are short enough to be waited for.
host::http::Limits brief_limits();

class EveryListener : public testing::TestWithParam<Kind> {};
// Where the test itself needs a plain socket: peeking, or sending and reading on two threads.
class EveryPlainListener : public testing::TestWithParam<Kind> {};

std::string get(std::string_view path, std::string_view more_headers = {});
std::string post(std::string_view path, std::string_view body);

}  // namespace contract
