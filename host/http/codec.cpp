// The request parser: lines first (request line, fields, chunk sizes, trailers), then runs of data.
// The meaning of single fields and of the target stands in codec_fields.cpp.
#include "http/codec.hpp"

#include <cstring>

#include "http/ascii.hpp"
#include "http/server.hpp"

namespace host::http {
namespace {

constexpr std::size_t kChunkLineLimit = 256;
// Extensions carry no meaning here; without a limit in all, one-byte chunks would let a client make
// us read hundreds of bytes for each that counts.
constexpr std::size_t kExtensionLimit = 16 * 1024;
constexpr std::size_t kChunkSizeDigits = 15;

}  // namespace

Codec::Codec(const Limits& limits)
    : request_line_limit_(limits.request_line),
      header_bytes_limit_(limits.header_bytes),
      header_count_limit_(limits.header_count),
      body_limit_(limits.body) {}

void Codec::reset() {
  request_ = Request();
  fault_ = Fault();
  line_.clear();
  authority_.clear();
  body_ = {};
  content_length_.reset();
  remaining_ = received_ = 0;
  header_bytes_ = header_count_ = extension_bytes_ = 0;
  state_ = State::start;
  hosts_ = 0;
  content_types_ = 0;
  skipped_blank_ = chunked_ = asks_close_ = asks_keep_alive_ = false;
  expects_continue_ = unknown_expectation_ = false;
  keep_alive_ = true;
}

bool Codec::fail(int status, std::string_view code, std::string_view detail) {
  fault_ = {status, code, detail};
  state_ = State::failed;
  return false;
}

Codec::Event Codec::next(std::string_view& input) {
  body_ = {};
  for (;;) {
    switch (state_) {
      case State::failed:
        return Event::error;
      case State::done:
        return Event::complete;
      case State::head_done:
        if (chunked_) {
          state_ = State::chunk_size;
        } else if (content_length_.value_or(0) > body_limit_) {
          fail(413, "content_too_large", "The request body is larger than this route accepts.");
        } else {
          remaining_ = content_length_.value_or(0);
          state_ = remaining_ > 0 ? State::fixed_body : State::done;
        }
        continue;
      case State::fixed_body:
      case State::chunk_data:
        return take_data(input);
      case State::start:
      case State::headers:
      case State::chunk_size:
      case State::chunk_end:
      case State::trailers: {
        const auto event = take_line(input);
        if (event == Event::body) continue;  // a line was taken, nothing to report yet
        return event;
      }
    }
  }
}

Codec::Event Codec::take_data(std::string_view& input) {
  if (input.empty()) return Event::need_more;
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), remaining_));
  body_ = input.substr(0, length);
  input.remove_prefix(length);
  remaining_ -= length;
  if (remaining_ == 0) state_ = state_ == State::fixed_body ? State::done : State::chunk_end;
  return Event::body;
}

// Event::body stands for "one line taken, go on".
Codec::Event Codec::take_line(std::string_view& input) {
  if (input.empty()) return Event::need_more;
  bool complete = false;
  const auto line = whole_line(input, complete);
  if (over_limit(complete ? line.size() : line_.size())) return Event::error;
  if (!complete) return Event::need_more;

  const bool ends_well = line.size() >= 2 && line[line.size() - 2] == '\r';
  if (!ends_well) {
    fail(400, "bare_line_feed", "A line of the request does not end in CR LF.");
    return Event::error;
  }
  const auto before = state_;
  const bool accepted = on_line(line.substr(0, line.size() - 2));
  line_.clear();
  if (!accepted) return Event::error;
  if (before == State::headers && state_ == State::head_done) return Event::head;
  return Event::body;
}

// The line up to and with its LF, in place if it arrived in one piece, else joined in line_.
std::string_view Codec::whole_line(std::string_view& input, bool& complete) {
  const void* found = std::memchr(input.data(), '\n', input.size());
  complete = found != nullptr;
  const auto length =
      complete ? static_cast<std::size_t>(static_cast<const char*>(found) - input.data()) + 1
               : input.size();
  const auto piece = input.substr(0, length);
  input.remove_prefix(length);
  if (complete && line_.empty()) return piece;
  line_.append(piece);
  return line_;
}

// Asked with the length of a line, CR LF included, or of its beginning. A limit passed by the
// beginning would be passed by the whole, so the answer does not depend on how the bytes were
// split.
bool Codec::over_limit(std::size_t length) {
  switch (state_) {
    case State::start:
      return length > request_line_limit_ + 2 &&
             !fail(414, "request_line_too_long", "The request line is too long.");
    case State::headers:
    case State::trailers:
      return header_bytes_ + length > header_bytes_limit_ + 2 &&
             !fail(431, "headers_too_large", "The header fields are too large.");
    case State::chunk_size:
      return length > kChunkLineLimit &&
             !fail(400, "bad_chunk", "The line of a chunk's size is too long.");
    case State::chunk_end:
      return length > 2 && !fail(400, "bad_chunk", "A chunk is longer than its size says.");
    default:
      return false;
  }
}

bool Codec::on_line(std::string_view line) {
  switch (state_) {
    case State::start:
      if (line.empty() && !skipped_blank_) {  // RFC 9112, 2.2: one stray CR LF may precede
        skipped_blank_ = true;
        return true;
      }
      return on_request_line(line);
    case State::headers:
      if (line.empty()) return on_head_end();
      header_bytes_ += line.size() + 2;
      if (++header_count_ > header_count_limit_) {
        return fail(431, "too_many_headers", "The request has too many header fields.");
      }
      return on_field(line, false);
    case State::chunk_size:
      return on_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return fail(400, "bad_chunk", "A chunk is longer than its size says.");
      state_ = State::chunk_size;
      return true;
    case State::trailers:
      if (line.empty()) {
        state_ = State::done;
        return true;
      }
      header_bytes_ += line.size() + 2;
      if (++header_count_ > header_count_limit_) {
        return fail(431, "too_many_headers", "The request has too many header fields.");
      }
      return on_field(line, true);
    default:
      return fail(400, "bad_request", "The request is malformed.");
  }
}

bool Codec::on_request_line(std::string_view line) {
  const auto bad = [this](std::string_view detail) {
    return fail(400, "bad_request_line", detail);
  };
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last - first < 2) {
    return bad("The request line is not: method, target, version.");
  }
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (method.empty() || method.size() > 32 || !consists_of(method, kToken)) {
    return bad("The method is not a token.");
  }
  const auto digit = [](char character) { return character >= '0' && character <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) ||
      version[6] != '.' || !digit(version[7])) {
    return bad("The request line does not end in an HTTP version.");
  }
  if (version[5] != '1' || version[7] > '1') {
    return fail(505, "version_not_supported", "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
  }
  if (method == "CONNECT" || method == "TRACE") {
    return fail(501, "method_not_supported", "This method is not supported.");
  }
  request_.method = method;
  request_.version_minor = version[7] - '0';
  state_ = State::headers;
  request_.headers.reserve(12);
  return on_target(target);
}

bool Codec::on_head_end() {
  if (hosts_ == 0 && request_.version_minor == 1) {
    return fail(400, "missing_host", "The request has no Host field.");
  }
  if (!authority_.empty() && !equals_ignoring_case(authority_, request_.headers.get("Host"))) {
    return fail(400, "host_mismatch", "The authority of the target is not the Host field's.");
  }
  if (chunked_ && content_length_) {
    return fail(400, "ambiguous_length",
                "Content-Length and Transfer-Encoding exclude each other.");
  }
  if (chunked_ && request_.version_minor == 0) {
    return fail(400, "ambiguous_length", "HTTP/1.0 knows no Transfer-Encoding.");
  }
  if (unknown_expectation_) {
    return fail(417, "expectation_failed", "Only 100-continue may be expected.");
  }
  if (request_.version_minor == 0) expects_continue_ = false;
  keep_alive_ = !asks_close_ && (request_.version_minor == 1 || asks_keep_alive_);
  state_ = State::head_done;
  return true;
}

bool Codec::on_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line.size() && is(line[digits], kHexDigit)) {
    if (digits == kChunkSizeDigits) return fail(400, "bad_chunk", "A chunk's size is too large.");
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits++]));
  }
  if (digits == 0) return fail(400, "bad_chunk", "A chunk's size is not a hexadecimal number.");
  const auto extension = line.substr(digits);
  if (!extension.empty() && extension.front() != ';') {
    return fail(400, "bad_chunk", "A chunk's size is followed by something else.");
  }
  if (!is_field_value(extension)) {
    return fail(400, "bad_chunk", "A chunk extension contains a control character.");
  }
  extension_bytes_ += extension.size();
  if (extension_bytes_ > kExtensionLimit) {
    return fail(400, "bad_chunk", "The chunk extensions are too long.");
  }
  if (size == 0) {
    state_ = State::trailers;
    return true;
  }
  if (size > body_limit_ || received_ > body_limit_ - size) {
    return fail(413, "content_too_large", "The request body is larger than this route accepts.");
  }
  received_ += size;
  remaining_ = size;
  state_ = State::chunk_data;
  return true;
}

}  // namespace host::http
