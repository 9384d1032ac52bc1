#include "cli/http_client.hpp"

#include <memory>
#include <stdexcept>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

namespace host::cli {
namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

class Exchange {
 public:
  Exchange(const std::string& base_url, const std::string& path)
      : handle_(curl_easy_init(), &curl_easy_cleanup) {
    const bool local = base_url.starts_with("unix:");
    if (local) curl_easy_setopt(handle(), CURLOPT_UNIX_SOCKET_PATH, base_url.substr(5).c_str());
    curl_easy_setopt(handle(), CURLOPT_URL,
                     ((local ? "http://localhost" : base_url) + path).c_str());
    curl_easy_setopt(handle(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle(), CURLOPT_TIMEOUT, 120L);
    curl_easy_setopt(handle(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle(), CURLOPT_WRITEDATA, &answer_.body);
  }
  ~Exchange() { curl_slist_free_all(headers_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  CURL* handle() const { return handle_.get(); }
  void header(const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); }

  HttpAnswer perform() {
    curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, headers_);
    if (const auto result = curl_easy_perform(handle()); result != CURLE_OK) {
      throw std::runtime_error(std::string("no answer from the host: ") +
                               curl_easy_strerror(result));
    }
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    return std::move(answer_);
  }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  curl_slist* headers_ = nullptr;
  HttpAnswer answer_;
};

}  // namespace

HttpAnswer HttpClient::post(const std::string& path, const nlohmann::json& body) const {
  return send("POST", path, body.dump());
}

HttpAnswer HttpClient::send(const std::string& method, const std::string& path,
                            const std::string& json) const {
  Exchange exchange(base_url_, path);
  for (const auto& line : headers_) exchange.header(line);
  curl_easy_setopt(exchange.handle(), CURLOPT_CUSTOMREQUEST, method.c_str());
  if (!json.empty()) {
    exchange.header("Content-Type: application/json");
    curl_easy_setopt(exchange.handle(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(json.size()));
    curl_easy_setopt(exchange.handle(), CURLOPT_POSTFIELDS, json.c_str());
  }
  return exchange.perform();
}

HttpAnswer HttpClient::upload(const std::string& path, const std::string& file_name,
                              const std::string& content, const Fields& fields) const {
  Exchange exchange(base_url_, path);
  for (const auto& line : headers_) exchange.header(line);
  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> form(
      curl_mime_init(exchange.handle()), &curl_mime_free);
  auto* file = curl_mime_addpart(form.get());
  curl_mime_name(file, "file");
  curl_mime_filename(file, file_name.c_str());
  curl_mime_data(file, content.data(), content.size());
  for (const auto& [name, value] : fields) {
    auto* part = curl_mime_addpart(form.get());
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  curl_easy_setopt(exchange.handle(), CURLOPT_MIMEPOST, form.get());
  return exchange.perform();
}

}  // namespace host::cli
