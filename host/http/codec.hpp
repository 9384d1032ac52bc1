// Codec: the one place where a client's bytes become a request. Strict HTTP/1.1 by the tables of
// RFC 9112, fed any split of bytes, each byte looked at once. It has no socket, no clock and no
// thread; the connection drives it, tests and fuzzer feed it byte by byte. Hostile input is
// answered with Event::error, never with an exception (except std::bad_alloc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace host::http {

struct Limits;

// Why a request is refused: an HTTP status, a stable word for programs and counters, and a
// sentence. The views point to literals.
struct Fault {
  int status = 0;
  std::string_view code;
  std::string_view detail;
};

class Codec {
 public:
  enum class Event : std::uint8_t {
    need_more,  // all input is consumed
    head,       // request() is complete but for its body; call limit_body() before going on
    body,       // body() holds decoded bytes, a view into the input just given
    complete,  // the request is over; the rest of the input belongs to the next: take, then reset()
    error,     // fault() says why; nothing after it may be interpreted, ever
  };

  explicit Codec(const Limits& limits);

  // Consumes from the front of `input` up to the next event.
  Event next(std::string_view& input);

  Request& request() { return request_; }
  std::string_view body() const { return body_; }
  const Fault& fault() const { return fault_; }

  // Valid from Event::head on.
  bool keep_alive() const { return keep_alive_; }
  bool expects_continue() const { return expects_continue_; }
  bool has_body() const { return chunked_ || content_length_.value_or(0) > 0; }
  // nullopt: none was sent, or the body is chunked.
  std::optional<std::uint64_t> content_length() const { return content_length_; }

  // Bytes of body allowed; exceeding it is a 413 at once if the length was announced.
  void limit_body(std::uint64_t bytes) { body_limit_ = bytes; }
  // Between requests: no byte of the next one has been seen.
  bool at_rest() const { return state_ == State::start && line_.empty(); }
  void reset();

 private:
  enum class State : std::uint8_t {
    start,
    headers,
    head_done,
    fixed_body,
    chunk_size,
    chunk_data,
    chunk_end,
    trailers,
    done,
    failed
  };

  bool fail(int status, std::string_view code, std::string_view detail);
  Event take_line(std::string_view& input);
  Event take_data(std::string_view& input);
  std::string_view whole_line(std::string_view& input, bool& complete);
  bool over_limit(std::size_t length);
  bool on_line(std::string_view line);
  bool on_request_line(std::string_view line);
  bool on_target(std::string_view target);
  bool on_path(std::string_view path);
  bool on_field(std::string_view line, bool trailer);
  bool on_known_field(std::string_view name, std::string_view value);
  bool on_content_length(std::string_view value);
  bool on_transfer_encoding(std::string_view value);
  bool on_head_end();
  bool on_chunk_size(std::string_view line);

  const std::size_t request_line_limit_;
  const std::size_t header_bytes_limit_;
  const std::size_t header_count_limit_;

  Request request_;
  Fault fault_;
  std::string line_;       // the beginning of a line whose end has not arrived
  std::string authority_;  // of an absolute-form target
  std::string_view body_;
  std::optional<std::uint64_t> content_length_;
  std::uint64_t remaining_ = 0;  // of the fixed body or the chunk
  std::uint64_t received_ = 0;   // bytes of a chunked body so far
  std::uint64_t body_limit_ = 0;
  std::size_t header_bytes_ = 0;
  std::size_t header_count_ = 0;
  std::size_t extension_bytes_ = 0;
  State state_ = State::start;
  std::uint8_t hosts_ = 0;
  std::uint8_t content_types_ = 0;
  bool skipped_blank_ = false;
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool asks_close_ = false;
  bool asks_keep_alive_ = false;
  bool expects_continue_ = false;
  bool unknown_expectation_ = false;
};

}  // namespace host::http
