// A small blocking HTTP client for tests against a running host (libcurl underneath).
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace serai_test {

struct Answer {
  int status = 0;  // 0: no answer at all
  std::map<std::string, std::string>
      headers;  // names in lower case; those of one name joined by ", "
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

struct FilePart {
  std::string field, file_name, content_type, content;
};

class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // `base_url` like http://127.0.0.1:8080, or unix:/path.
  explicit HttpClient(std::string base_url) : base_url_(std::move(base_url)) {}

  // Sent with every request from here on: an access token, X-Client-ID and so on.
  HttpClient& with(std::string name, std::string value);
  HttpClient& bearer(const std::string& token) { return with("Authorization", "Bearer " + token); }

  Answer get(const std::string& path, const Headers& headers = {}) const {
    return send("GET", path, "", headers);
  }
  Answer post(const std::string& path, const nlohmann::json& body,
              const Headers& headers = {}) const;
  Answer patch(const std::string& path, const nlohmann::json& body,
               const Headers& headers = {}) const;
  Answer remove(const std::string& path, const Headers& headers = {}) const {
    return send("DELETE", path, "", headers);
  }
  Answer upload(const std::string& path, const FilePart& file, const Headers& fields = {}) const;
  Answer send(const std::string& method, const std::string& path, const std::string& body,
              const Headers& headers = {}) const;

  // For https: the certificate (PEM file) that is believed.
  HttpClient& trust(std::string certificate) {
    certificate_ = std::move(certificate);
    return *this;
  }

  const std::string& base_url() const { return base_url_; }

 private:
  std::string base_url_, certificate_;
  Headers headers_;
};

}  // namespace serai_test
