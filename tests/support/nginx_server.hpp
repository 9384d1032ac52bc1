// nginx before several nodes, with the configuration that is shipped (packaging/nginx) but for what
// belongs to a machine: certificates, names, addresses. On a Unix socket in a directory of its own.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "support/http_client.hpp"
#include "support/temporary_directory.hpp"

namespace serai_test {

class NginxServer {
 public:
  // `nodes` as an upstream's server line takes them: "127.0.0.1:8080". Returns when it accepts
  // connections. Throws std::runtime_error with what it said if it ends before.
  explicit NginxServer(const std::vector<std::string>& nodes);
  ~NginxServer();
  NginxServer(const NginxServer&) = delete;
  NginxServer& operator=(const NginxServer&) = delete;

  HttpClient client() const { return HttpClient("unix:" + socket()); }
  std::string log() const;  // of errors

 private:
  std::string socket() const { return (directory_.path() / "front.sock").string(); }
  std::string configuration(const std::vector<std::string>& nodes) const;

  TemporaryDirectory directory_;
  pid_t pid_ = -1;
};

}  // namespace serai_test
