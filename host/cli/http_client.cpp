#include "cli/http_client.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

namespace host::cli {
namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

// Whether a host that sends nothing still lives. Asks are counted, not time: where both stood
// still, nobody was silent.
class Pulse {
 public:
  Pulse(HttpClient host, std::chrono::seconds silence)
      : host_(std::move(host)), most_(std::max<long>(1, silence / kAsk)) {}
  // `moved`: bytes in both directions so far. False: it has been silent for too long.
  bool beats(curl_off_t moved) {
    const auto now = std::chrono::steady_clock::now();
    if (moved != moved_) {
      moved_ = moved;
      unanswered_ = 0;
      asked_ = now;
    }
    if (now - asked_ < kAsk) return true;
    try {
      host_.transfer("GET", "/health/live", {.limit = kAsk});
      unanswered_ = 0;
    } catch (const NoAnswer&) {
      ++unanswered_;
    }
    asked_ = std::chrono::steady_clock::now();
    return unanswered_ < most_;
  }

 private:
  static constexpr std::chrono::seconds kAsk{1};
  HttpClient host_;
  long most_;
  long unanswered_ = 0;
  curl_off_t moved_ = 0;
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();
};

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

  void stop_when(const std::atomic<bool>* stop, std::optional<Pulse> pulse) {
    if (stop == nullptr && !pulse) return;
    stop_ = stop;
    pulse_ = std::move(pulse);
    curl_easy_setopt(handle(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle(), CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(handle(), CURLOPT_XFERINFOFUNCTION, progress);
  }
  void stream(const HttpClient::Transfer& transfer) {
    transfer_ = &transfer;
    curl_easy_setopt(handle(), CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.limit.count()));
    curl_easy_setopt(handle(), CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(handle(), CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle(), CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle(), CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(handle(), CURLOPT_HEADERDATA, this);
  }

  HttpAnswer perform() {
    curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, headers_);
    if (const auto result = curl_easy_perform(handle()); result != CURLE_OK) {
      if (thrown_) std::rethrow_exception(thrown_);
      throw NoAnswer(ended_ != nullptr ? ended_ : curl_easy_strerror(result),
                     result != CURLE_COULDNT_CONNECT && result != CURLE_COULDNT_RESOLVE_HOST);
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
  const HttpClient::Transfer* transfer_ = nullptr;
  const std::atomic<bool>* stop_ = nullptr;
  std::optional<Pulse> pulse_;
  const char* ended_ = nullptr;  // by us, and why
  std::exception_ptr thrown_;

  // About once a second, and whenever something moves.
  static int progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (exchange.stop_ != nullptr && *exchange.stop_)
      exchange.ended_ = "interrupted";
    else if (exchange.pulse_ && !exchange.pulse_->beats(down + up))
      exchange.ended_ = "it has gone silent";
    return exchange.ended_ != nullptr ? 1 : 0;
  }
  static std::size_t receive(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->take({data, size * count}) ? size * count : 0;
  }
  bool take(std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || !transfer_->out) {
      answer_.body += bytes;
      return true;
    }
    try {
      transfer_->out(bytes);
      return true;
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }
  static std::size_t hear(char* data, std::size_t size, std::size_t count, void* self) {
    auto* fields = static_cast<Exchange*>(self)->transfer_->heard;
    const std::string_view line(data, size * count);
    const auto colon = line.find(':');
    if (fields == nullptr || colon == line.npos) return line.size();
    std::string name(line.substr(0, colon)), value(line.substr(colon + 1));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.pop_back();
    while (!value.empty() && value.front() == ' ') value.erase(0, 1);
    fields->emplace_back(std::move(name), std::move(value));
    return line.size();
  }
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

HttpAnswer HttpClient::transfer(const std::string& method, const std::string& path,
                                const Transfer& transfer) const {
  Exchange exchange(base_url_, path);
  for (const auto& line : headers_) exchange.header(line);
  for (const auto& [name, value] : transfer.more) exchange.header(name + ": " + value);
  exchange.header("Expect:");
  std::optional<Pulse> pulse;
  if (silence_.count() > 0) pulse.emplace(HttpClient(base_url_), silence_);
  exchange.stop_when(stop_, std::move(pulse));
  exchange.stream(transfer);
  curl_easy_setopt(exchange.handle(), CURLOPT_CUSTOMREQUEST, method.c_str());
  if (!transfer.body.empty()) {
    curl_easy_setopt(exchange.handle(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(transfer.body.size()));
    curl_easy_setopt(exchange.handle(), CURLOPT_POSTFIELDS, transfer.body.data());
  }
  return exchange.perform();
}

}  // namespace host::cli
