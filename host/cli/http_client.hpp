// A blocking HTTP client for the command line's own use of the API, over TCP or a Unix socket.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace host::cli {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// Nothing came back. `sent`: the host may have got the request, and done what it asks.
class NoAnswer : public std::runtime_error {
 public:
  NoAnswer(const std::string& why, bool sent)
      : std::runtime_error("no answer from the host: " + why), sent_(sent) {}
  bool sent() const { return sent_; }

 private:
  bool sent_;
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

  // A transfer under way ends with NoAnswer once it is true; must outlive the client.
  void stop_when(const std::atomic<bool>& stop) { stop_ = &stop; }
  // So does one in which nothing moves while the host does not say that it lives, asked every
  // second, for so long. Without this it is waited for.
  void give_up_after(std::chrono::seconds silence) { silence_ = silence; }

  // Throw NoAnswer if there is none.
  HttpAnswer get(const std::string& path) const { return send("GET", path, ""); }
  HttpAnswer post(const std::string& path, const nlohmann::json& body) const;
  HttpAnswer send(const std::string& method, const std::string& path,
                  const std::string& json) const;
  HttpAnswer upload(const std::string& path, const std::string& file_name,
                    const std::string& content, const Fields& fields) const;
  // `more`: fields of the header. The body of a 200 goes to `out`, if there is one; `heard` gets
  // the fields of the answer, in lower case. `limit`: for all of it; none: however long it takes.
  struct Transfer {
    Fields more;
    std::string_view body;
    std::function<void(std::string_view)> out = nullptr;
    Fields* heard = nullptr;
    std::chrono::milliseconds limit{0};
  };
  HttpAnswer transfer(const std::string& method, const std::string& path,
                      const Transfer& transfer) const;

 private:
  std::string base_url_;
  std::vector<std::string> headers_;
  const std::atomic<bool>* stop_ = nullptr;
  std::chrono::seconds silence_{0};
};

}  // namespace host::cli
