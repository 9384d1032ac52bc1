// Binds TCP and Unix sockets; see listen_socket.hpp.
#include "http/listen_socket.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace host::http {
namespace {

constexpr std::chrono::milliseconds kQuiet{100};  // several round trips: handshakes end meanwhile
constexpr std::chrono::seconds kLongestQueue{2};

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

// Closes the socket unless it is let go.
struct Guard {
  int descriptor;
  ~Guard() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int release() { return std::exchange(descriptor, -1); }
};

int open_tcp(const ListenAddress& address, int backlog) {
  const auto name = address.host + ":" + std::to_string(address.port);
  sockaddr_storage storage{};
  socklen_t length = 0;
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    length = sizeof v4;
  } else if (::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    length = sizeof v6;
  } else {
    fail(EINVAL, "listen on " + name + ": not a numeric address");
  }
  Guard guard{::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  if (guard.descriptor < 0 ||
      ::setsockopt(guard.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(guard.descriptor, reinterpret_cast<sockaddr*>(&storage), length) != 0 ||
      ::listen(guard.descriptor, backlog) != 0) {
    fail(errno, "listen on " + name);
  }
  return guard.release();
}

int open_unix(const std::string& path, int backlog) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) fail(ENAMETOOLONG, "listen on " + path);
  std::memcpy(name.sun_path, path.data(), path.size());
  const auto* plain = reinterpret_cast<const sockaddr*>(&name);
  Guard guard{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (guard.descriptor < 0) fail(errno, "listen on " + path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    Guard probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (::connect(probe.descriptor, plain, sizeof name) == 0 || errno != ECONNREFUSED)
      fail(EADDRINUSE, "listen on " + path);
    ::unlink(path.c_str());
  }
  // The mode must be right from the first moment; fchmod on a socket does not reach its file.
  const auto mask = ::umask(0117);
  const bool bound = ::bind(guard.descriptor, plain, sizeof name) == 0;
  const int error = errno;
  ::umask(mask);
  if (!bound) fail(error, "listen on " + path);
  if (::chmod(path.c_str(), 0660) != 0 || ::listen(guard.descriptor, backlog) != 0) {
    fail(errno, "listen on " + path);
  }
  return guard.release();
}

}  // namespace

int open_listen_socket(const ListenAddress& address, int backlog) {
  return address.unix_path.empty() ? open_tcp(address, backlog)
                                   : open_unix(address.unix_path, backlog);
}

int listening_on(std::uint16_t port) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const auto name = entry.path().filename().string();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    int listening = 0;
    socklen_t length = sizeof listening;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 &&
        listening != 0 && bound_port(descriptor) == port) {
      return descriptor;
    }
  }
  return -1;
}

void close_door(int descriptor) {
  using std::chrono::steady_clock;
  if (bound_port(descriptor) == 0) {
    ::shutdown(descriptor, SHUT_RD);  // a Unix socket refuses from now on, and keeps its queue
    ::poll(nullptr, 0, static_cast<int>(kQuiet.count()));
    return;
  }
  // Socket filters begin at the TCP header; flags are its byte 13. SYN without ACK: dropped.
  std::array<sock_filter, 5> program{{{BPF_LD | BPF_B | BPF_ABS, 0, 0, 13},
                                      {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12},
                                      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02},
                                      {BPF_RET | BPF_K, 0, 0, 0},
                                      {BPF_RET | BPF_K, 0, 0, 0xffffffff}}};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) return;
  const auto latest = steady_clock::now() + kLongestQueue;
  auto quiet_since = steady_clock::now();
  while (steady_clock::now() < latest && steady_clock::now() - quiet_since < kQuiet) {
    tcp_info info{};
    socklen_t length = sizeof info;
    // Of a listening socket: how many connections wait to be accepted.
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return;
    if (info.tcpi_unacked > 0) quiet_since = steady_clock::now();
    ::poll(nullptr, 0, 5);
  }
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return 0;
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
  return 0;
}

std::string peer_address(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    return "unknown";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (storage.ss_family == AF_INET) bytes = &reinterpret_cast<sockaddr_in&>(storage).sin_addr;
  if (storage.ss_family == AF_INET6) bytes = &reinterpret_cast<sockaddr_in6&>(storage).sin6_addr;
  if (bytes == nullptr) return "unix";
  return ::inet_ntop(storage.ss_family, bytes, text.data(), text.size());
}

}  // namespace host::http
