#include "e2e/event_client.hpp"

#include <array>
#include <cctype>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace serai_test {
namespace {

constexpr int kPatience = 120'000;  // ms

int connect_to(const std::string& url) {
  int descriptor = -1;
  int connected = -1;
  if (url.starts_with("unix:")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, url.c_str() + 5, sizeof address.sun_path - 1);
    descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  } else {
    const auto host = url.find("//") + 2, colon = url.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
    ::inet_pton(AF_INET, url.substr(host, colon - host).c_str(), &address.sin_addr);
    descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  if (connected == 0) return descriptor;
  ::close(descriptor);
  throw std::runtime_error("cannot connect to " + url);
}

}  // namespace

EventClient::EventClient(const std::string& base_url, const std::string& path,
                         const std::string& token)
    : descriptor_(connect_to(base_url)) {
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n"
                              "Authorization: Bearer " +
                              token + "\r\n\r\n";
  if (::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    over_ = true;
}

EventClient::~EventClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

EventClient::EventClient(EventClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      raw_(std::move(other.raw_)),
      text_(std::move(other.text_)),
      has_head_(other.has_head_),
      whole_(other.whole_),
      over_(other.over_),
      status_(other.status_),
      headers_(std::move(other.headers_)) {}

bool EventClient::fill() {
  if (over_) return false;
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatience) != 1) throw std::runtime_error("nothing comes any more");
  std::array<char, 16384> block;
  const auto got = ::recv(descriptor_, block.data(), block.size(), 0);
  if (got <= 0) {
    over_ = true;
    return false;
  }
  raw_.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

bool EventClient::read_head() {
  if (has_head_) return true;
  std::size_t end;
  while ((end = raw_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return false;
  status_ = std::stoi(raw_.substr(9, 3));
  for (auto at = raw_.find("\r\n") + 2; at < end + 2;) {
    const auto line_end = raw_.find("\r\n", at), colon = raw_.find(": ", at);
    auto name = raw_.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    headers_[name] = raw_.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  raw_.erase(0, end + 4);
  return has_head_ = true;
}

// Moves the next chunk to text_. False: that was the last one, or the connection is cut.
bool EventClient::take_chunk() {
  if (whole_) return false;
  std::size_t end;
  while ((end = raw_.find("\r\n")) == std::string::npos)
    if (!fill()) return false;
  const auto size = std::stoul(raw_.substr(0, end), nullptr, 16);
  while (raw_.size() < end + 2 + size + 2)
    if (!fill()) return false;
  text_ += raw_.substr(end + 2, size);
  raw_.erase(0, end + 2 + size + 2);
  whole_ = size == 0;
  return !whole_;
}

int EventClient::status() { return read_head() ? status_ : 0; }

std::string EventClient::header(const std::string& name) {
  return read_head() ? headers_[name] : "";
}

std::string EventClient::next() {
  if (!read_head()) return "";
  for (;;) {
    std::size_t end;
    while ((end = text_.find("\n\n")) == std::string::npos)
      if (!take_chunk()) return "";
    auto event = text_.substr(0, end);
    text_.erase(0, end + 2);
    if (!event.starts_with(':')) return event;
  }
}

bool EventClient::ends() {
  if (!read_head()) return false;
  while (take_chunk()) {
  }
  return whole_;
}

}  // namespace serai_test
