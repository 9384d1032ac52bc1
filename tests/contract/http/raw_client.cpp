// Sockets, bytes and a strict reader of answers; see raw_client.hpp.
#include "raw_client.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace contract {

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

RawClient::RawClient(const Place& place, int receive_buffer) {
  const bool is_unix = !place.unix_path.empty();
  descriptor_ = ::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) throw std::runtime_error("socket");
  if (receive_buffer > 0)
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  int result = 0;
  if (is_unix) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, place.unix_path.c_str(), sizeof name.sun_path - 1);
    result = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof name);
  } else {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(place.port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof name);
    const int yes = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  if (result != 0) {
    const int error = errno;
    ::close(descriptor_);
    throw std::runtime_error(std::string("connect: ") + std::strerror(error));
  }
  if (place.tls) {
    context_ = SSL_CTX_new(TLS_client_method());
    session_ = SSL_new(context_);
    SSL_set_fd(session_, descriptor_);
    if (SSL_connect(session_) != 1) throw std::runtime_error("TLS handshake");
  }
  ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      context_(std::exchange(other.context_, nullptr)),
      session_(std::exchange(other.session_, nullptr)),
      buffer_(std::move(other.buffer_)) {}

RawClient::~RawClient() {
  if (session_ != nullptr) SSL_free(session_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool RawClient::wait(short events) const {
  pollfd waiting{descriptor_, events, 0};
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience);
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent;
    short needed = POLLOUT;
    if (session_ != nullptr) {
      ERR_clear_error();  // SSL_get_error looks at the thread's queue
      const int result = SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()));
      sent = result;
      if (result <= 0) {
        const int reason = SSL_get_error(session_, result);
        if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return false;
        if (reason == SSL_ERROR_WANT_READ) needed = POLLIN;
        sent = 0;
      }
    } else {
      sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (sent < 0) sent = 0;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent == 0 && !wait(needed)) return false;
  }
  return true;
}

bool RawClient::fill() {
  char block[65536];
  for (;;) {
    ssize_t got;
    if (session_ != nullptr) {
      ERR_clear_error();
      const int result = SSL_read(session_, block, sizeof block);
      got = result;
      if (result <= 0) {
        const int reason = SSL_get_error(session_, result);
        if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return false;
        got = -1;
        errno = EAGAIN;
      }
    } else {
      got = ::recv(descriptor_, block, sizeof block, 0);
    }
    if (got > 0) {
      buffer_.append(block, static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) return false;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    if (!wait(POLLIN)) throw std::runtime_error("no answer: the server hangs");
  }
}

bool RawClient::fill_line(std::string& line) {
  std::size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool RawClient::take(std::size_t bytes, std::string& out) {
  while (buffer_.size() < bytes) {
    if (!fill()) return false;
  }
  out.append(buffer_, 0, bytes);
  buffer_.erase(0, bytes);
  return true;
}

Answer RawClient::read(bool head_only) {
  Answer answer;
  std::string line;
  if (!fill_line(line)) return answer;
  if (line.size() < 12 || line.compare(0, 7, "HTTP/1.") != 0)
    throw std::runtime_error("no status line: " + line);
  answer.version = line.substr(0, 8);
  answer.status = std::stoi(line.substr(9, 3));
  for (;;) {
    if (!fill_line(line)) return answer;
    if (line.empty()) break;
    const auto colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("bad field: " + line);
    std::string name = line.substr(0, colon);
    for (auto& character : name)
      character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    answer.headers.emplace(std::move(name), line.substr(colon + 2));
  }
  if (head_only || answer.status < 200 || answer.status == 204 || answer.status == 304) {
    answer.complete = true;
    return answer;
  }
  if (answer.header("transfer-encoding") == "chunked") {
    for (;;) {
      if (!fill_line(line)) return answer;
      const auto size = std::stoul(line, nullptr, 16);
      if (!take(size, answer.body)) return answer;
      if (!fill_line(line)) return answer;
      if (!line.empty()) throw std::runtime_error("chunk without end");
      if (size == 0) break;
    }
    answer.complete = true;
  } else if (answer.headers.contains("content-length")) {
    answer.complete = take(std::stoul(answer.header("content-length")), answer.body);
  } else {
    answer.body = read_to_end();
    answer.complete = true;
  }
  return answer;
}

Answer RawClient::exchange(std::string_view bytes) {
  send(bytes);
  return read();
}

std::string RawClient::read_some(std::size_t bytes) {
  if (buffer_.empty()) fill();
  auto out = buffer_.substr(0, bytes);
  buffer_.erase(0, out.size());
  return out;
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool RawClient::at_end() { return buffer_.empty() && !fill() && buffer_.empty(); }

bool RawClient::readable() const {
  pollfd waiting{descriptor_, POLLIN, 0};
  return !buffer_.empty() || ::poll(&waiting, 1, 0) == 1;
}

void RawClient::half_close() { ::shutdown(descriptor_, SHUT_WR); }

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace contract
