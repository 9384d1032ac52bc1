// Makes the listening socket of the Asio listener: TCP on a numeric address, or a Unix socket with
// mode 0660. Not for the Pistache listener, which makes its own.
#pragma once

#include <cstdint>

#include "http/server.hpp"

namespace host::http {

// A non-blocking, close-on-exec descriptor the caller owns. A dead Unix socket file in the way is
// replaced, a living one is not. Throws std::system_error.
int open_listen_socket(const ListenAddress& address, int backlog);

// Port of a bound TCP socket; 0 for others.
std::uint16_t bound_port(int descriptor);

// Numeric address of the other end; "unix" for Unix sockets.
std::string peer_address(int descriptor);

}  // namespace host::http
