// Makes the listening socket of the Asio listener: TCP on a numeric address, or a Unix socket with
// mode 0660. The Pistache listener makes its own. Closes the door of either without hurting
// anybody.
#pragma once

#include <cstdint>

#include "http/server.hpp"

namespace host::http {

// A non-blocking, close-on-exec descriptor the caller owns. A dead Unix socket file in the way is
// replaced, a living one is not. Throws std::system_error.
int open_listen_socket(const ListenAddress& address, int backlog);

// Lets in who is in the queue, and nobody new: returns when the queue has been empty for a moment.
// Closing a socket with clients in its queue resets them, and they cannot know whether their
// request was read. Here a new client's first packet is not answered: it asks again a second later,
// finds the port closed, and has sent nothing. Harmless for a bad descriptor.
void close_door(int descriptor);
// The descriptor in this process that listens on that TCP port; -1: none.
int listening_on(std::uint16_t port);

// Port of a bound TCP socket; 0 for others.
std::uint16_t bound_port(int descriptor);

// Numeric address of the other end; "unix" for Unix sockets.
std::string peer_address(int descriptor);

}  // namespace host::http
