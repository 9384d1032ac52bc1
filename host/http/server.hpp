// What a listener offers to the rest of the house and what it asks of it. Two adapters implement
// Server: PistacheServer (pistache_server.hpp, TCP) and AsioServer (asio_server.hpp, TCP with TLS
// and Unix sockets). Both stand on the same codec, connection, writer and timers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "http/message.hpp"

namespace host::http {

struct Limits {
  std::size_t request_line = 8 * 1024;          // bytes; longer: 414
  std::size_t header_bytes = 32 * 1024;         // all fields together; more: 431
  std::size_t header_count = 100;               // more: 431
  std::uint64_t body = 10ull << 20;             // bytes, unless the route says otherwise; more: 413
  std::size_t body_in_memory = 1 << 20;         // a larger body is spooled to a temporary file
  std::size_t pipelined_bytes = 64 * 1024;      // read ahead while a request is being answered
  std::size_t output_backlog = 1 << 20;         // bytes a stream may be ahead of its reader
  std::size_t connections = 10'000;             // more: 503 and closed
  std::size_t connections_per_address = 1'000;  // more: 503 and closed (0: no limit)
  std::chrono::milliseconds header_time{10'000};  // first byte of a request to end of its head; 408
  std::chrono::milliseconds body_time{60'000};    // without any progress of the body; 408
  std::chrono::milliseconds idle_time{75'000};    // between requests; closed without a word
  std::chrono::milliseconds write_time{60'000};   // without any progress of the answer; closed
  std::chrono::milliseconds handler_time{
      30'000};  // until the reply, unless admit() says otherwise; 504
};

// The right to answer one request, once, from any thread. Dropping it unanswered sends a 500.
// Answering a client that has left is harmless: the answer is dropped and counted.
class Reply {
 public:
  // Writes the pieces of a streamed (chunked) answer. `write` blocks while the reader is more than
  // Limits::output_backlog behind, and returns false when the client is gone: stop then.
  class Stream {
   public:
    virtual ~Stream() = default;  // without finish(): the connection is cut, so the client can tell
    virtual bool write(std::string_view piece) = 0;
    virtual void finish() = 0;

    // For an answer without an end of its own. From here on a client that sends no more counts as
    // gone, and nothing is waited for.
    virtual void stay_open() {}
    // Never blocks. False: the client is gone, or so far behind that more than `most` bytes would
    // wait for it: let go of the stream then. An empty piece asks whether it is still there.
    virtual bool offer(std::string_view piece, std::size_t most) {
      (void)most;
      return write(piece);
    }
  };
  class Target {  // implemented by the connection
   public:
    virtual ~Target() = default;
    virtual void respond(std::uint64_t request, Response response) = 0;
    virtual std::unique_ptr<Stream> stream(std::uint64_t request, Response head) = 0;
    virtual bool gone(std::uint64_t request) const = 0;
  };

  Reply(std::shared_ptr<Target> target, std::uint64_t request)
      : target_(std::move(target)), request_(request) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  void send(Response response);
  std::unique_ptr<Stream> stream(Response head);
  // The client has left or the handler's time is up: work for it may stop.
  bool abandoned() const;

 private:
  std::shared_ptr<Target> target_;
  std::uint64_t request_;
};

// What the owner of the routes decides when the head of a request is complete.
struct Admission {
  std::uint64_t body_limit = 0;               // 0: Limits::body
  std::chrono::milliseconds handler_time{0};  // 0: Limits::handler_time
};

// Implemented by the API layer. Both calls come on an I/O thread and must not block.
class Service {
 public:
  virtual ~Service() = default;
  // The head is complete; body and spooled are still empty. Throwing host::Problem refuses the
  // request before its body is read (so 401 or 413 cost no upload).
  virtual Admission admit(const Request& head) = 0;
  virtual void handle(Request&& request, Reply reply) = 0;
  // Builds the answer for an error found below the API (bad framing, time-out, overload).
  virtual Response error(int status, std::string_view code, std::string_view detail) = 0;
};

class Server {
 public:
  virtual ~Server() = default;
  // Binds and serves on threads of its own. Throws std::system_error (address in use, no
  // permission).
  virtual void start() = 0;
  // The bound TCP port (useful with port 0); 0 for a Unix socket.
  virtual std::uint16_t port() const = 0;
  // Everything is still served, but each answer is the last of its connection and says so: what a
  // proxy keeps open runs out, and stop() then meets no connection on which a request may just be
  // coming. stop() after this lets clients that are already in the kernel's queue in, and turns
  // away new ones in a way that lets a proxy go elsewhere with any request.
  virtual void wind_down() = 0;
  // No new connections and requests; waits for those in flight, at most `patience`; then stops.
  // Returns how many requests were cut off.
  virtual std::size_t stop(std::chrono::milliseconds patience) = 0;
};

struct ListenAddress {
  std::string host = "127.0.0.1";  // numeric address
  std::uint16_t port = 0;
  std::string unix_path;    // set: a Unix socket (Asio only)
  std::string certificate;  // PEM files: TLS (Asio only)
  std::string private_key;
};

// Throws std::invalid_argument when the adapter cannot serve such an address.
std::unique_ptr<Server> make_pistache_server(const ListenAddress& address, const Limits& limits,
                                             Service& service, unsigned threads);
std::unique_ptr<Server> make_asio_server(const ListenAddress& address, const Limits& limits,
                                         Service& service, unsigned threads);

}  // namespace host::http
