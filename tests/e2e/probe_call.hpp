// A request that the probe holds inside of itself until the test lets it go.
#pragma once

#include <future>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include "e2e/running_host.hpp"

namespace serai_test {

class ProbeCall {
 public:
  // `route`: "hold" ends at its deadline, "hang" does not. Returns when the handler is running.
  ProbeCall(const HttpClient& client, const std::string& route) {
    if (::mkfifo(path("entered").c_str(), 0600) != 0 ||
        ::mkfifo(path("release").c_str(), 0600) != 0)
      throw std::runtime_error("mkfifo");
    answer_ = std::async(std::launch::async, [this, client, route] {
      return client.post("/api/v1/probe/" + route,
                         {{"entered", path("entered")}, {"release", path("release")}});
    });
    read_file(path("entered"));
  }
  void release() { write_file(path("release"), "go\n"); }
  Answer answer() { return answer_.get(); }

 private:
  std::string path(const char* name) const { return (directory_.path() / name).string(); }

  TemporaryDirectory directory_;
  std::future<Answer> answer_;
};

}  // namespace serai_test
