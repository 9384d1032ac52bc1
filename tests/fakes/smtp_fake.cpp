// Sessions of a mail server without manners; see the header.
#include "fakes/smtp_fake.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fakes {
namespace {

constexpr int kLookAroundMs = 20;

}  // namespace

SmtpFake::SmtpFake(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no socket for the fake mail server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SmtpFake::~SmtpFake() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::vector<std::string> SmtpFake::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void SmtpFake::serve() {
  while (!stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve_one(connection);
    ::close(connection);
  }
}

bool SmtpFake::answer(int connection, const std::string& line, std::string& said) {
  const auto bytes = script_(line);
  said = bytes.value_or("");
  if (bytes && bytes->empty()) return false;
  for (std::size_t sent = 0; sent < said.size();) {
    const ssize_t put =
        ::send(connection, said.data() + sent, said.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) {
      sent += static_cast<std::size_t>(put);
      continue;
    }
    pollfd writable{connection, POLLOUT, 0};
    if (stopping_ ||
        (::poll(&writable, 1, kLookAroundMs) > 0 && (writable.revents & (POLLERR | POLLHUP)) != 0))
      return false;
  }
  return true;
}

void SmtpFake::serve_one(int connection) {
  std::string text, said;
  bool in_message = false;
  if (!answer(connection, "", said)) return;
  while (!stopping_) {
    if (const auto end = text.find("\r\n"); end != std::string::npos) {
      const auto line = text.substr(0, end);
      text.erase(0, end + 2);
      {
        const std::lock_guard lock(mutex_);
        heard_.push_back(line);
      }
      if (in_message && line != ".") continue;
      if (!answer(connection, line, said)) return;
      in_message = line == "DATA" && said.starts_with("354");
      continue;
    }
    pollfd readable{connection, POLLIN, 0};
    if (::poll(&readable, 1, kLookAroundMs) <= 0) continue;
    char buffer[4096];
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace fakes
