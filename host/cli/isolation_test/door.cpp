#include "cli/isolation_test/door.hpp"

#include <chrono>
#include <future>
#include <mutex>

#include "base/problem.hpp"
#include "http/spooled_file.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kLargestBody = 8u << 20;  // of a file that is looked into

std::string body_of(const http::Response& response) {
  if (!response.file) return response.body;
  std::string text(
      static_cast<std::size_t>(std::min<std::uint64_t>(response.file->size(), kLargestBody)), '\0');
  text.resize(response.file->read(0, text.data(), text.size()));
  return text;
}

class Waiting final : public http::Reply::Target {
 public:
  std::future<http::Response> answer() { return promise_.get_future(); }

  void respond(std::uint64_t, http::Response response) override { give(std::move(response)); }
  std::unique_ptr<http::Reply::Stream> stream(std::uint64_t, http::Response head) override {
    return std::make_unique<Whole>(*this, std::move(head));
  }
  bool gone(std::uint64_t) const override { return false; }

 private:
  // A streamed answer, put together again.
  class Whole final : public http::Reply::Stream {
   public:
    Whole(Waiting& waiting, http::Response head) : waiting_(waiting), head_(std::move(head)) {}
    bool write(std::string_view piece) override {
      head_.body += piece;
      return true;
    }
    void finish() override { waiting_.give(std::move(head_)); }

   private:
    Waiting& waiting_;
    http::Response head_;
  };

  void give(http::Response response) {
    std::call_once(once_, [&] { promise_.set_value(std::move(response)); });
  }

  std::once_flag once_;
  std::promise<http::Response> promise_;
};

http::Request to_request(const Ask& ask) {
  http::Request request;
  request.method = ask.method;
  request.path = ask.path;
  for (const auto& [name, value] : ask.query)
    request.query += (request.query.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
  for (const char c : ask.path)
    request.target += c == '/' ? std::string(1, c) : encoded(std::string_view(&c, 1));
  if (!request.query.empty()) request.target += "?" + request.query;
  request.headers.add("Host", "localhost");
  request.headers.add("X-Request-ID", ask.request_id);
  for (const auto& [name, value] : ask.headers) request.headers.add(name, value);
  if (!ask.body.empty()) {
    request.headers.add("Content-Type", ask.content_type);
    request.headers.add("Content-Length", std::to_string(ask.body.size()));
  }
  request.peer_address = ask.peer;
  return request;
}

}  // namespace

std::string encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
        c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string Ask::said() const {
  std::string text = path;
  for (const auto& [name, value] : query) text += "\n" + name + "=" + value;
  for (const auto& [name, value] : headers)
    if (name != "Authorization") text += "\n" + value;
  return text + "\n" + body;
}

std::string Ask::line() const {
  std::string text = method + " " + path;
  char before = '?';
  for (const auto& [name, value] : query) {
    text += before + name + "=" + encoded(value);
    before = '&';
  }
  return text;
}

std::string Answer::text() const {
  std::string all = std::to_string(status) + "\n";
  for (const auto& [name, value] : headers) all += name + ": " + value + "\n";
  return all + "\n" + body;
}

Answer Door::send(const Ask& ask) { return std::move(send_together({&ask}).front()); }

std::vector<Answer> Door::send_together(const std::vector<const Ask*>& asks) {
  std::vector<std::future<http::Response>> coming;
  for (const auto* ask : asks) {
    const auto waiting = std::make_shared<Waiting>();
    coming.push_back(waiting->answer());
    auto request = to_request(*ask);
    try {
      const auto admission = service_.admit(request);
      request.body = ask->body;
      if (request.method == "POST" && !request.body.empty()) signer_.sign(request);
      if (admission.body_limit > 0 && ask->body.size() > admission.body_limit)
        waiting->respond(0, service_.error(413, "body_too_large", "The body is too large."));
      else
        service_.handle(std::move(request), http::Reply(waiting, 0));
    } catch (const Problem& problem) {
      waiting->respond(0, service_.error(problem.status(), problem.code(), problem.detail()));
    }
  }
  sent_ += asks.size();
  std::vector<Answer> answers(asks.size());
  for (std::size_t i = 0; i < asks.size(); ++i) {
    if (coming[i].wait_for(std::chrono::minutes(2)) != std::future_status::ready) continue;
    const auto response = coming[i].get();
    answers[i] = {response.status, response.headers, body_of(response)};
  }
  return answers;
}

}  // namespace host::cli::isolation_test
