// Non-blocking sends on a borrowed descriptor; see socket_channel.hpp.
#include "http/socket_channel.hpp"

#include <cerrno>

#include <sys/sendfile.h>
#include <sys/socket.h>

#include "http/spooled_file.hpp"

namespace host::http {
namespace {

ssize_t outcome(ssize_t sent) {
  if (sent >= 0) return sent;
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : Channel::kBroken;
}

}  // namespace

ssize_t SocketChannel::write(const iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t sent;
  do {
    sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return outcome(sent);
}

ssize_t SocketChannel::send_file(const SpooledFile& file, std::uint64_t offset,
                                 std::uint64_t length) {
  auto position = static_cast<off_t>(offset);
  ssize_t sent;
  do {
    sent = ::sendfile(descriptor_, file.descriptor(), &position, length);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EINVAL || errno == ENOSYS)) return kUnsupported;
  if (sent == 0) return kBroken;  // the file is shorter than it was
  return outcome(sent);
}

void SocketChannel::want_write() {
  if (!engine_.watch_writable(descriptor_, number_, watched_)) ::shutdown(descriptor_, SHUT_RDWR);
}

void SocketChannel::finish_writing() { ::shutdown(descriptor_, SHUT_WR); }

void SocketChannel::shut_down() { ::shutdown(descriptor_, SHUT_RDWR); }

}  // namespace host::http
