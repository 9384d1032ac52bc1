// A mail server of a test's own: a Node.js process (tests/support/smtp_server) on two ports of
// 127.0.0.1, with a certificate made for it. What it refuses, drops or keeps waiting stands in the
// recipient's address; see the head of its server.mjs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace serai_test {

class SmtpServer {
 public:
  // Returns when it listens. Throws std::runtime_error with what it said if it ends before.
  SmtpServer();
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  std::string url() const { return "smtp://localhost:" + std::to_string(port_); }  // STARTTLS
  std::string secure_url() const { return "smtps://localhost:" + std::to_string(secure_); }
  // PEM file of the authority that vouches for it.
  std::string authority() const { return (directory_.path() / "cert.pem").string(); }
  const std::string& user() const { return user_; }
  const std::string& password() const { return password_; }

  // The next line it prints: a mail it took {from, to, user, secure, data} or one it refused
  // {refused, code}. Waits for it; throws std::runtime_error after 30 s or when the server ended.
  nlohmann::json next();

 private:
  std::string line();

  TemporaryDirectory directory_;
  std::string user_ = "relay", password_, read_;
  pid_t pid_ = -1;
  int output_ = -1, port_ = 0, secure_ = 0;
};

}  // namespace serai_test
