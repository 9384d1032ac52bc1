// serai.http_client/1: requests to the outside, only to hosts under `outbound` in the manifest.
// Time-outs, retries and the breaker are the host's.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{0};  // 0: 10 s; never beyond the call's deadline
  std::uint32_t retries = 0;             // only idempotent methods, or with Idempotency-Key
  std::uint64_t max_body = 0;            // bytes of the answer; 0: 8 MiB
};

// An answer of any status; views that live as long as the call.
class HttpResponse {
 public:
  explicit HttpResponse(const serai_http_response& abi) noexcept : abi_(abi) {}

  // Status, whether it is 2xx, the whole body, and how often the request was sent.
  int status() const noexcept { return abi_.status; }
  bool ok() const noexcept { return abi_.status >= 200 && abi_.status < 300; }
  std::string_view body() const noexcept { return detail::to_view(abi_.body); }
  std::uint32_t attempts() const noexcept { return abi_.attempts; }

  // Empty when absent; `name` in lower case.
  std::string_view header(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < abi_.header_count; ++i) {
      if (detail::to_view(abi_.headers[i].name) == name) {
        return detail::to_view(abi_.headers[i].value);
      }
    }
    return {};
  }

  // Problem 502 if the body is not JSON.
  Json json() const { return parse_json(body(), "The answer of another service", 502); }

  // Problem 502 "<who> answered <status>." unless 2xx.
  const HttpResponse& expect_ok(std::string_view who) const {
    if (!ok()) {
      throw Problem(502, "bad_upstream",
                    std::string(who) + " answered " + std::to_string(status()) + ".");
    }
    return *this;
  }

 private:
  serai_http_response abi_;
};

class HttpClient {
 public:
  explicit HttpClient(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->http_client, "http_client")) {}

  // Problem 503: no connection, time-out or open breaker; 403: host not declared or granted.
  HttpResponse fetch(const HttpRequest& request) const {
    std::vector<serai_pair> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
      headers.push_back({detail::to_str(name), detail::to_str(value)});
    }
    serai_http_request abi{};
    abi.struct_size = sizeof(abi);
    abi.timeout_ms = static_cast<std::uint32_t>(request.timeout.count());
    abi.method = detail::to_str(request.method);
    abi.url = detail::to_str(request.url);
    abi.headers = headers.data();
    abi.header_count = static_cast<std::uint32_t>(headers.size());
    abi.retries = request.retries;
    abi.body = detail::to_str(request.body);
    abi.max_body = request.max_body;
    serai_http_response answer{};
    answer.struct_size = sizeof(answer);
    detail::check(context_, api_->fetch(context_.call, &abi, &answer));
    return HttpResponse(answer);
  }

  // fetch() with the method named; get() is tried up to three times.
  HttpResponse get(std::string url, Headers headers = {}) const {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = std::move(headers);
    request.retries = 2;
    return fetch(request);
  }
  HttpResponse post_json(std::string url, const Json& body, Headers headers = {}) const {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/json");
    request.body = dump_json(body);
    return fetch(request);
  }

 private:
  detail::Context context_;
  const serai_http_client_api* api_;
};

}  // namespace serai
