#include "fakes/s3_proxy.hpp"

#include <algorithm>
#include <stdexcept>

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fakes {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool read_some(int from, std::string& into) {
  char buffer[64 << 10];
  const ssize_t got = ::recv(from, buffer, sizeof buffer, 0);
  if (got > 0) into.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

void send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t content_length(std::string_view head) {
  static constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t at = 0; at + kName.size() < head.size(); ++at) {
    if (::strncasecmp(head.data() + at, kName.data(), kName.size()) == 0)
      return std::stoul(std::string(head.substr(at + kName.size(), 20)));
  }
  return 0;
}

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::string error(const std::string& code) {
  return "<Error><Code>" + code + "</Code><Message>as the test wants it</Message></Error>";
}

// What the server says, until it hangs up.
std::string ask_server(int port, std::string request) {
  const auto end = request.find("\r\n");
  request.insert(end, "\r\nConnection: close");
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  std::string said;
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    send_all(server, request);
    while (read_some(server, said)) {
    }
  }
  ::close(server);
  return said;
}

void reset(int connection) {
  const linger now{1, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

S3Proxy::S3Proxy(int server_port, Decide decide)
    : server_port_(server_port), decide_(std::move(decide)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

S3Proxy::~S3Proxy() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
}

std::vector<std::string> S3Proxy::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void S3Proxy::accept_all() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::lock_guard lock(mutex_);
    open_.push_back(connection);
    threads_.emplace_back([this, connection] {
      serve(connection);
      const std::lock_guard done(mutex_);
      open_.erase(std::find(open_.begin(), open_.end(), connection));
      ::close(connection);
    });
  }
}

void S3Proxy::serve(int connection) {
  std::string request;
  std::size_t end = std::string::npos;
  while ((end = request.find("\r\n\r\n")) == std::string::npos) {
    if (!read_some(connection, request)) return;
  }
  const std::string line = request.substr(0, request.find(" HTTP/"));
  const Deed deed = decide_(line);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(line);
  }
  if (deed == Deed::reset_head) return reset(connection);
  const std::size_t whole = end + 4 + content_length(request.substr(0, end + 2));
  while (request.size() < whole) {
    if (!read_some(connection, request)) return;
  }
  switch (deed) {
    case Deed::slow_down:
      return send_all(connection, answer("503 Slow Down", error("SlowDown")));
    case Deed::skewed:
      return send_all(connection, answer("403 Forbidden", error("RequestTimeTooSkewed")));
    case Deed::junk:
      return send_all(connection, answer("200 OK", "<html><body>Please log in</body></html>"));
    case Deed::silence: {
      std::string nothing;
      while (read_some(connection, nothing)) {
      }
      return;
    }
    default:
      break;
  }
  std::string said = ask_server(server_port_, std::move(request));
  const auto body = said.find("\r\n\r\n");
  if (deed == Deed::lose || body == std::string::npos) return reset(connection);
  if (deed == Deed::truncate) said.resize(body + 4 + (said.size() - body - 4) / 2);
  if (deed == Deed::flip && said.size() > body + 4) said[body + 4] ^= 1;
  send_all(connection, said);
}

}  // namespace fakes
