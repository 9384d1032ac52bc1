#include "e2e/moves/gate.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace serai_test {
namespace {

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Gate::Gate(const RunningHost& house, std::string text, int count, Then then)
    : path_((house.directory() / new_marker("gate")).string()),
      text_(std::move(text)),
      then_(then),
      left_(count) {
  const auto url = house.client().base_url();
  port_ = std::stoi(url.substr(url.rfind(':') + 1));
  door_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path_.size() >= sizeof name.sun_path) throw std::runtime_error("the path is too long");
  std::memcpy(name.sun_path, path_.c_str(), path_.size());
  if (::bind(door_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(door_, 16) != 0)
    throw std::runtime_error("no gate at " + path_);
  thread_ = std::thread([this] { pass(); });
}

Gate::~Gate() {
  ::eventfd_write(wake_, 1);
  thread_.join();
  for (const auto& line : lines_) close(line);
  ::close(door_);
  ::close(wake_);
}

void Gate::close(const Line& line) {
  ::close(line.outside);
  ::close(line.inside);
}

void Gate::open_line() {
  Line line{::accept4(door_, nullptr, nullptr, SOCK_CLOEXEC),
            ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in house{};
  house.sin_family = AF_INET;
  house.sin_port = htons(static_cast<std::uint16_t>(port_));
  house.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(line.inside, reinterpret_cast<const sockaddr*>(&house), sizeof house) == 0)
    lines_.push_back(line);
  else
    close(line);
}

void Gate::pass() {
  while (true) {
    std::vector<pollfd> watched{{wake_, POLLIN, 0}, {door_, POLLIN, 0}};
    for (const auto& line : lines_) {
      watched.push_back({line.outside, POLLIN, 0});
      watched.push_back({line.inside, POLLIN, 0});
    }
    // Whoever speaks to a silent gate is heard by the kernel alone.
    const bool silent = reached_ && then_ == Then::silence;
    if (::poll(watched.data(), silent ? 1 : watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    std::vector<Line> open;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const auto& line = lines_[i];
      if ((watched[2 + 2 * i].revents == 0 || forward(line, true)) &&
          (watched[3 + 2 * i].revents == 0 || forward(line, false)))
        open.push_back(line);
      else
        close(line);
    }
    lines_.swap(open);
    if (watched[1].revents != 0) open_line();
  }
}

bool Gate::forward(const Line& line, bool inwards) {
  std::array<char, 64 << 10> buffer{};
  const auto count = ::recv(inwards ? line.outside : line.inside, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  const auto first_line = bytes.substr(0, bytes.find('\r'));
  if (inwards && !reached_ && first_line.find(text_) != first_line.npos && --left_ == 0) {
    reached_ = true;
    if (then_ == Then::silence) return true;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (then_ == Then::interrupt &&
        ::getsockopt(line.outside, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
      ::kill(peer.pid, SIGINT);
  }
  if (!inwards && reached_ && then_ == Then::lost_answer) return true;
  return write_all(inwards ? line.inside : line.outside, bytes);
}

}  // namespace serai_test
