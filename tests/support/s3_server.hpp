// An S3 store of a test's own: a Node.js process (tests/support/s3_server) with files in a
// directory of its own, which checks every signature with Amazon's signer.
#pragma once

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace serai_test {

class S3Server {
 public:
  static constexpr const char* kBucket = "blobs";
  static constexpr const char* kRegion = "us-east-1";

  // Returns when it listens. Throws std::runtime_error with what it said if it ends before.
  S3Server();
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  // One for all tests of a process, started when it is first asked for.
  static S3Server& shared();

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  const std::string& access_key() const { return access_key_; }
  const std::string& secret_key() const { return secret_key_; }

  // How many objects there are whose key begins with `prefix`, a folder; read from its files.
  std::size_t objects(const std::string& prefix) const;

  void start();  // again on the same port, with what it had
  void stop();   // killed
  void freeze();
  void thaw();

 private:
  TemporaryDirectory directory_;
  std::string access_key_, secret_key_;
  pid_t pid_ = -1;
  int output_ = -1, port_ = 0;
};

// Runs a program with the tests' Node.js packages; `input` goes to it and what it prints comes
// back. Throws std::runtime_error unless it ends with status 0.
std::string run_node(const std::string& program, const std::string& arguments,
                     const std::string& input);

}  // namespace serai_test
