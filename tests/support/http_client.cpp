#include "support/http_client.hpp"

#include <algorithm>
#include <memory>

#include <curl/curl.h>

namespace serai_test {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

std::size_t add_header(char* data, std::size_t size, std::size_t count, void* out) {
  const std::string line(data, size * count);
  const auto colon = line.find(':');
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    const auto begin = line.find_first_not_of(' ', colon + 1);
    const auto end = line.find_last_not_of("\r\n");
    const std::string value =
        begin == std::string::npos || end < begin ? "" : line.substr(begin, end - begin + 1);
    auto& headers = *static_cast<std::map<std::string, std::string>*>(out);
    const auto [found, is_new] = headers.emplace(name, value);
    if (!is_new) found->second += ", " + value;
  }
  return size * count;
}

struct Request {
  Request(const std::string& base_url, const std::string& path, const std::string& certificate)
      : handle(curl_easy_init(), &curl_easy_cleanup) {
    if (base_url.starts_with("unix:")) {
      curl_easy_setopt(handle.get(), CURLOPT_UNIX_SOCKET_PATH, base_url.substr(5).c_str());
      curl_easy_setopt(handle.get(), CURLOPT_URL, ("http://localhost" + path).c_str());
    } else {
      curl_easy_setopt(handle.get(), CURLOPT_URL, (base_url + path).c_str());
    }
    if (!certificate.empty()) curl_easy_setopt(handle.get(), CURLOPT_CAINFO, certificate.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, 120L);
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append_body);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, add_header);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &answer.headers);
  }
  ~Request() { curl_slist_free_all(headers); }

  void header(const std::string& name, const std::string& value) {
    headers = curl_slist_append(headers, (name + ": " + value).c_str());
  }

  Answer perform() {
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers);
    if (curl_easy_perform(handle.get()) == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
    }
    return std::move(answer);
  }

  Handle handle;
  curl_slist* headers = nullptr;
  Answer answer;
};

}  // namespace

HttpClient& HttpClient::with(std::string name, std::string value) {
  std::erase_if(headers_, [&](const auto& header) { return header.first == name; });
  headers_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Answer HttpClient::post(const std::string& path, const nlohmann::json& body,
                        const Headers& headers) const {
  return send("POST", path, body.dump(), headers);
}

Answer HttpClient::patch(const std::string& path, const nlohmann::json& body,
                         const Headers& headers) const {
  return send("PATCH", path, body.dump(), headers);
}

Answer HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                        const Headers& headers) const {
  Request request(base_url_, path, certificate_);
  auto* handle = request.handle.get();
  if (method == "HEAD")
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  else
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  if (!body.empty()) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    const bool typed = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
      return header.first == "Content-Type";
    });
    if (!typed) request.header("Content-Type", "application/json");
    request.header("Expect", "");
  }
  for (const auto& [name, value] : headers_) request.header(name, value);
  for (const auto& [name, value] : headers) request.header(name, value);
  return request.perform();
}

Answer HttpClient::upload(const std::string& path, const FilePart& file,
                          const Headers& fields) const {
  Request request(base_url_, path, certificate_);
  auto* handle = request.handle.get();
  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> form(curl_mime_init(handle),
                                                                   &curl_mime_free);
  auto* part = curl_mime_addpart(form.get());
  curl_mime_name(part, file.field.c_str());
  curl_mime_filename(part, file.file_name.c_str());
  curl_mime_type(part, file.content_type.c_str());
  curl_mime_data(part, file.content.data(), file.content.size());
  for (const auto& [name, value] : fields) {
    auto* field = curl_mime_addpart(form.get());
    curl_mime_name(field, name.c_str());
    curl_mime_data(field, value.data(), value.size());
  }
  curl_easy_setopt(handle, CURLOPT_MIMEPOST, form.get());
  for (const auto& [name, value] : headers_) request.header(name, value);
  return request.perform();
}

}  // namespace serai_test
