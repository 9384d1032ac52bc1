// libcurl; see the header.
#include "s3/transport.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/curl_handles.hpp"

namespace host::s3 {
namespace {

constexpr std::size_t kLongestHead = 64 << 10;

struct Transfer {
  HttpAnswer answer;
  std::uint64_t longest = 0;
  std::size_t head = 0;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.answer.body.size() + bytes > transfer.longest) return 0;
  try {
    transfer.answer.body.append(data, bytes);
  } catch (const std::exception&) {
    return 0;
  }
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer.head += bytes;
  if (transfer.head > kLongestHead) return 0;
  try {
    std::string_view line(data, bytes);
    if (line.starts_with("HTTP/")) transfer.answer.headers.clear();  // after a 100 Continue
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return bytes;
    std::string name(line.substr(0, colon));
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' '))
      value.remove_suffix(1);
    transfer.answer.headers.emplace_back(std::move(name), value);
  } catch (const std::exception&) {
    return 0;
  }
  return bytes;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Lines = std::unique_ptr<curl_slist, FreeList>;

void add_line(Lines& lines, const std::string& line) {
  curl_slist* longer = curl_slist_append(lines.get(), line.c_str());
  if (!longer) throw std::bad_alloc();
  (void)lines.release();
  lines.reset(longer);
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Transport::Transport(std::chrono::milliseconds connect_time)
    : connect_time_(connect_time), handles_(std::make_unique<CurlHandles>()) {}

Transport::~Transport() = default;

HttpAnswer Transport::send(const HttpRequest& request) {
  Transfer transfer;
  transfer.longest = request.longest_answer;
  const auto lent = handles_->lend();
  CURL* handle = lent.get();

  Lines lines;
  for (const auto& [name, value] : request.headers) {
    add_line(lines, value.empty() ? name + ";" : name + ": " + value);
  }
  // Nothing that was not signed: libcurl would add these by itself.
  for (const char* unwanted : {"Expect:", "Content-Type:", "Accept:"}) add_line(lines, unwanted);

  const long total = static_cast<long>(std::max<std::int64_t>(1, request.time.count()));
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, total);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   std::min(total, static_cast<long>(connect_time_.count())));
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &stopped_);
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());

  const CURLcode result = curl_easy_perform(handle);
  HttpAnswer answer = std::move(transfer.answer);
  if (result != CURLE_OK) {
    answer.status = 0;
    answer.fault = curl_easy_strerror(result);
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace host::s3
