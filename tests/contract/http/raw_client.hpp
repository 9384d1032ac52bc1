// A client that sends exactly the bytes it is told and reads answers strictly. It waits on its
// socket by poll; kPatience only bounds a test that would otherwise hang, nothing is measured by
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace contract {

struct Place {
  std::uint16_t port = 0;
  std::string unix_path;  // instead of the port
  bool tls = false;
};

struct Answer {
  bool complete = false;  // false: the connection ended before it
  int status = 0;
  std::string version;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string header(const std::string& name) const;
};

class RawClient {
 public:
  static constexpr std::chrono::seconds kPatience{30};

  // `receive_buffer` > 0: SO_RCVBUF, for slow readers.
  explicit RawClient(const Place& place, int receive_buffer = 0);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  // Sends all; false when the server closed before.
  bool send(std::string_view bytes);
  // The next answer; `head_only` for the answer to HEAD.
  Answer read(bool head_only = false);
  Answer exchange(std::string_view bytes);
  // Up to `bytes` decoded bytes from the connection; empty at its end.
  std::string read_some(std::size_t bytes);
  // Everything until the server closes.
  std::string read_to_end();
  // True when the server has closed (or closes within kPatience) and no byte came before that.
  bool at_end();
  // Bytes are waiting right now.
  bool readable() const;
  void half_close();
  // Leaves with a reset instead of a farewell.
  void reset();
  int descriptor() const { return descriptor_; }

 private:
  bool wait(short events) const;
  bool fill();
  bool fill_line(std::string& line);
  bool take(std::size_t bytes, std::string& out);

  int descriptor_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* session_ = nullptr;
  std::string buffer_;
};

}  // namespace contract
