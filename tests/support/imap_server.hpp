// A mail server of a test's own, with mailboxes: Dovecot (Debian's dovecot-imapd) on two ports of
// 127.0.0.1, with a certificate, a password and Maildirs made for it, all in a temporary directory.
// Runs as we do; where we are root, as nobody. Every user name is known to it, with one password.
#pragma once

#include <string>

#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace serai_test {

class ImapServer {
 public:
  // Returns when it listens. Throws std::runtime_error with its log if it ends before.
  ImapServer();
  ~ImapServer();
  ImapServer(const ImapServer&) = delete;
  ImapServer& operator=(const ImapServer&) = delete;

  std::string url() const { return "imap://localhost:" + std::to_string(port_); }  // STARTTLS
  std::string secure_url() const { return "imaps://localhost:" + std::to_string(secure_); }
  int port() const { return port_; }
  int secure_port() const { return secure_; }
  // PEM file of the authority that vouches for it.
  std::string authority() const { return (directory_.path() / "cert.pem").string(); }
  const std::string& password() const { return password_; }

  // Puts a mail into a folder that is there, by IMAP. The folder stands in a URL.
  void append(const std::string& user, const std::string& raw, const std::string& folder = "INBOX");
  // What it answers to a command in that folder, without the last line.
  std::string command(const std::string& user, const std::string& command,
                      const std::string& folder = "INBOX");
  // Another UIDVALIDITY: every message gets a new UID.
  void renumber(const std::string& user);

  void stop();
  void start();  // after stop(), on the same ports and mailboxes

 private:
  std::string request(const std::string& user, const std::string& folder, const char* command,
                      const std::string* upload);

  TemporaryDirectory directory_;
  std::string password_;
  pid_t pid_ = -1;
  int port_ = 0, secure_ = 0;
};

}  // namespace serai_test
