// Outside requests over libcurl; see the header.
#include "plugins/outbound.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include <curl/curl.h>

#include "base/curl_handles.hpp"
#include "base/problem.hpp"
#include "plugins/outbound_rules.hpp"

namespace host::plugins {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff{200}, kLongestBackoff{10'000};
constexpr std::size_t kMaxHeaderBytes = 64 << 10;

bool idempotent(const OutboundRequest& request) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
    if (request.method == method) return true;
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return same_text(header.first, "idempotency-key"); });
}

bool worth_another_try(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

void check_text(const OutboundRequest& request) {
  const auto token = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '-' || c == '_';
    });
  };
  const auto value = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  };
  if (!token(request.method) || request.method.size() > 20)
    throw bad_request("The method is not a word.");
  if (!value(request.url)) throw bad_request("The address has control characters.");
  for (const auto& [name, text] : request.headers)
    if (!token(name) || !value(text) || same_text(name, "host") ||
        same_text(name, "content-length") || same_text(name, "transfer-encoding") ||
        same_text(name, "connection"))
      throw bad_request("A header is malformed or the host's own.");
}

std::uint64_t below(std::uint64_t limit) {
  thread_local std::minstd_rand random(std::random_device{}());
  return limit == 0 ? 0 : random() % (limit + 1);
}

struct Transfer {
  OutboundReply reply;
  std::uint64_t max_body = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  AddressGuard guard;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.reply.body.size() + bytes > transfer.max_body) {
    transfer.too_large = true;
    return 0;
  }
  try {
    transfer.reply.body.append(data, bytes);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.too_large = true;
    return 0;
  }
  try {
    std::string_view line(data, bytes);
    if (line.starts_with("HTTP/")) transfer.reply.headers.clear();  // after a 100 Continue
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return bytes;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!value.empty() && blank(value.front())) value.remove_prefix(1);
    while (!value.empty() && blank(value.back())) value.remove_suffix(1);
    transfer.reply.headers.emplace_back(std::move(name), value);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

}  // namespace

struct Outbound::Attempt {
  Transfer transfer;
  CURLcode result = CURLE_OK;
  milliseconds retry_after{0};
};

Outbound::Outbound(OutboundPolicy policy)
    : wait([](milliseconds time) { std::this_thread::sleep_for(time); }),
      policy_(std::move(policy)),
      handles_(std::make_unique<CurlHandles>()) {}

Outbound::~Outbound() = default;

Outbound::Attempt Outbound::attempt(const OutboundRequest& request, OutboundTally& tally) {
  Attempt attempt;
  attempt.transfer.max_body = request.max_body;
  attempt.transfer.guard.allow_private = policy_.allow_private_addresses;
  const auto left =
      std::chrono::duration_cast<milliseconds>(request.deadline - std::chrono::steady_clock::now());
  const long total =
      static_cast<long>(std::max<std::int64_t>(1, std::min(left.count(), request.timeout.count())));
  const auto lent = handles_->lend();
  CURL* handle = lent.get();

  curl_slist* lines = nullptr;
  const auto free_lines = [](curl_slist* list) { curl_slist_free_all(list); };
  std::unique_ptr<curl_slist, decltype(free_lines)> headers(nullptr, free_lines);
  const auto add_line = [&](const std::string& line) {
    lines = curl_slist_append(headers.get(), line.c_str());
    if (!lines) throw unavailable("unreachable", "There is no memory for a request.");
    (void)headers.release();
    headers.reset(lines);
  };
  for (const auto& [name, value] : request.headers)
    add_line(value.empty() ? name + ";" : name + ": " + value);
  add_line("Expect:");

  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  guard(handle, attempt.transfer.guard, policy_, milliseconds(total));
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &attempt.transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &attempt.transfer);
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST,
                   request.method == "HEAD" ? nullptr : request.method.c_str());

  attempt.result = curl_easy_perform(handle);
  long status = 0;
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds);
  ++tally.attempts;
  tally.bytes += transferred(handle);
  attempt.transfer.reply.status = static_cast<int>(status);
  attempt.retry_after = milliseconds(std::clamp<std::int64_t>(seconds, 0, 3600) * 1000);
  return attempt;
}

OutboundReply Outbound::fetch(const OutboundRequest& request, OutboundTally& tally) {
  check_text(request);
  bool plain = false;
  const std::string host = host_and_port(request.url, plain);
  require_listed(request.plugin, host, plain ? "http" : "https", request.hosts);
  if (plain && !policy_.allow_plain_http) {
    count_request(request.plugin, "denied");
    throw forbidden("host_not_allowed", "Only https is allowed here.");
  }
  if (stand_in) {
    tally.attempts = 1;
    return stand_in(request);
  }
  const std::string key = request.plugin + " " + host;
  const std::uint32_t tries = idempotent(request) ? 1 + std::min(request.retries, 10u) : 1;
  for (std::uint32_t number = 1;; ++number) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= request.deadline)
      throw Problem(504, "deadline_exceeded", "The call's deadline has passed.");
    if (!breakers_.admit(key, now)) {
      count_request(request.plugin, "circuit_open");
      throw unavailable("circuit_open", host + " failed too often; it is left alone for a while.",
                        30);
    }
    Attempt made = [&] {
      try {
        return attempt(request, tally);
      } catch (...) {
        breakers_.failed(key, now);
        throw;
      }
    }();
    Transfer& transfer = made.transfer;
    const int status = transfer.reply.status;
    if (transfer.guard.refused) {
      breakers_.succeeded(key);
      count_request(request.plugin, "denied");
      throw forbidden("host_not_allowed", host + " leads to a private address.");
    }
    if (transfer.too_large) {
      breakers_.succeeded(key);
      count_request(request.plugin, "too_large");
      throw Problem(413, "too_large", host + " answered more than was asked for.");
    }
    const bool answered = made.result == CURLE_OK && status > 0;
    if (answered && status < 500)
      breakers_.succeeded(key);
    else
      breakers_.failed(key, std::chrono::steady_clock::now());

    if ((!answered || worth_another_try(status)) && number < tries) {
      // Full jitter: so that all who failed together do not come back together.
      const auto ceiling = std::min(kLongestBackoff, kFirstBackoff * (1 << std::min(number, 6u)));
      const milliseconds pause =
          made.retry_after.count() > 0
              ? made.retry_after
              : milliseconds(below(static_cast<std::uint64_t>(ceiling.count())));
      if (std::chrono::steady_clock::now() + pause < request.deadline) {
        wait(pause);
        continue;
      }
    }
    if (answered) {
      count_request(request.plugin, status < 500 ? "ok" : "server_error");
      transfer.reply.attempts = number;
      return std::move(transfer.reply);
    }
    count_request(request.plugin, "failed");
    switch (made.result) {
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_WEIRD_SERVER_REPLY:
      case CURLE_BAD_CONTENT_ENCODING:
      case CURLE_PARTIAL_FILE:
      case CURLE_HTTP2:
      case CURLE_WRITE_ERROR:
        throw Problem(502, "bad_answer", host + " gave an unusable answer.");
      case CURLE_OPERATION_TIMEDOUT:
        throw unavailable("timed_out", host + " did not answer in time.", 5);
      default:
        throw unavailable("unreachable",
                          host + " cannot be reached (" + curl_easy_strerror(made.result) + ").",
                          5);
    }
  }
}

}  // namespace host::plugins
