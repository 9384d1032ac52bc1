// Request and Response: what the codec produces and what the writer sends. Plain values; no socket,
// no listener, no thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::http {

// Field names compare without regard to ASCII case; order and repetition are kept.
class Headers {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // Replaces every field of that name by one.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  // First value of that name, or nullptr.
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const {
    const auto* value = find(name);
    return value ? std::string_view(*value) : std::string_view();
  }
  void reserve(std::size_t count) { fields_.reserve(count); }
  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A body too large for memory, or a file part of a multipart form, kept in an unnamed temporary
// file that disappears with the last owner.
class SpooledFile;

struct Request {
  std::string method;     // as sent: case-sensitive token
  std::string target;     // as sent
  std::string path;       // percent-decoded, begins with '/', no dot segments
  std::string query;      // raw, without '?'
  int version_minor = 1;  // HTTP/1.x
  Headers headers;
  std::string body;                      // whole body when it was kept in memory
  std::shared_ptr<SpooledFile> spooled;  // else the body is here
  std::string peer_address;  // numeric address of the socket's other end; "unix" for a Unix socket
  bool secure = false;       // arrived over TLS on this listener

  std::uint64_t body_size() const;
  // First value of a query parameter, percent- and plus-decoded.
  std::optional<std::string> parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;  // the writer adds Date, Content-Length and Connection
  std::string body;
  std::shared_ptr<SpooledFile> file;  // sent instead of `body` when set
  // Further fields as they go on the wire, made by add_line(): what the host itself says in every
  // answer is not taken apart and looked at again each time.
  std::string lines;

  // Both must be sound (a token, and text without control characters): nobody checks them later.
  void add_line(std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }
};

}  // namespace host::http
