// The prepared answers of a fake server; see the header.
#include "fakes/http_fake.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fakes {
namespace {

// Head and body by Content-Length.
std::string read_request(int connection) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto head = text.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto at = text.find("Content-Length: ");
      const std::size_t length =
          at != std::string::npos && at < head ? std::stoul(text.substr(at + 16)) : 0;
      if (text.size() >= head + 4 + length) return text;
    }
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

HttpFake::HttpFake(int port, Responder responder) : responder_(std::move(responder)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int again = 1;  // a fixed port may have served a fake a moment ago
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  sockaddr_in address{};
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no socket for the fake server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpFake::~HttpFake() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (const int connection : silent_) ::close(connection);
}

void HttpFake::answer(std::string bytes) {
  const std::lock_guard lock(mutex_);
  steps_.push_back({Kind::bytes, std::move(bytes)});
}

void HttpFake::answer(int status, const std::string& body, const std::string& headers) {
  answer("HTTP/1.1 " + std::to_string(status) + " Prepared\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
}

void HttpFake::silence() {
  const std::lock_guard lock(mutex_);
  steps_.push_back({Kind::silence, {}});
}

void HttpFake::hang_up() {
  const std::lock_guard lock(mutex_);
  steps_.push_back({Kind::hang_up, {}});
}

std::vector<std::string> HttpFake::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpFake::serve() {
  while (!stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) serve_one(connection);
  }
}

void HttpFake::serve_one(int connection) {
  const std::string request = read_request(connection);
  Step step{Kind::hang_up, {}};
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (!steps_.empty()) {
      step = std::move(steps_.front());
      steps_.pop_front();
    } else if (responder_) {
      auto bytes = responder_(request);
      step = bytes ? Step{Kind::bytes, std::move(*bytes)} : Step{Kind::silence, {}};
    }
    if (step.kind == Kind::silence) {
      silent_.push_back(connection);
      return;
    }
  }
  for (std::size_t sent = 0; sent < step.bytes.size();) {
    const ssize_t put =
        ::send(connection, step.bytes.data() + sent, step.bytes.size() - sent, MSG_NOSIGNAL);
    if (put <= 0) break;
    sent += static_cast<std::size_t>(put);
  }
  ::shutdown(connection, SHUT_WR);
  ::close(connection);
}

}  // namespace fakes
