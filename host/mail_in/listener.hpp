// The socket that mail comes in by: SMTP or LMTP on a TCP port or a Unix socket, without TLS: it
// stands behind a mail server, or on loopback. Boost.Asio waits on one thread; whose mail it is,
// and taking it, is the work of others, for both wait for the database. A mail is acknowledged when
// it is durable. Bounded: connections, size, recipients, silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "http/server.hpp"
#include "mail_in/mail_in.hpp"
#include "mail_in/smtp_session.hpp"

namespace host::mail_in {

struct ListenerOptions {
  http::ListenAddress address;
  Protocol protocol = Protocol::lmtp;
  SmtpLimits limits;
  std::string name = "localhost";  // how it calls itself
  std::size_t connections = 20;    // more wait in the kernel's queue; each may hold one message
  std::size_t threads = 4;         // that take mails
  // RFC 5321 section 4.5.3.2 asks for five minutes.
  std::chrono::milliseconds silence{std::chrono::minutes(5)};
  std::chrono::milliseconds delivery_time{30'000};  // of one mail
};

class Listener {
 public:
  // `mail` must outlive it.
  Listener(MailIn& mail, ListenerOptions options);
  ~Listener();  // stop() without patience
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Binds and serves. Throws std::system_error (address in use, no permission).
  void start();
  // The bound TCP port; 0 for a Unix socket.
  std::uint16_t port() const;
  // Nobody new; clients between two mails are told to go, mails that are under way are waited for,
  // at most `patience`. Who gets no answer sends it again.
  void stop(std::chrono::milliseconds patience);
  // That thread does not come back from a plugin: another takes its place. False: it is none of
  // its.
  bool replace_worker(pid_t thread);

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace host::mail_in
