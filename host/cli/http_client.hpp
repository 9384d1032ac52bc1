// A blocking HTTP client for the command line's own use of the API, over TCP or a Unix socket.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace host::cli {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class HttpClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // "http://host:port" or "unix:/path"
  explicit HttpClient(std::string base_url) : base_url_(std::move(base_url)) {}
  // Sent with every request.
  void header(const std::string& name, const std::string& value) {
    headers_.push_back(name + ": " + value);
  }

  // Throw std::runtime_error if there is no answer.
  HttpAnswer get(const std::string& path) const { return send("GET", path, ""); }
  HttpAnswer post(const std::string& path, const nlohmann::json& body) const;
  HttpAnswer send(const std::string& method, const std::string& path,
                  const std::string& json) const;
  HttpAnswer upload(const std::string& path, const std::string& file_name,
                    const std::string& content, const Fields& fields) const;

 private:
  std::string base_url_;
  std::vector<std::string> headers_;
};

}  // namespace host::cli
