// A strict, incremental parser of multipart/form-data (RFC 7578): fed any split of bytes, it hands
// each part's headers and bytes to a sink and keeps none itself. Hostile input ends it with a
// fault, never with an exception of its own. Called by the API layer, on a worker thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec.hpp"
#include "http/message.hpp"

namespace host::http {

struct MultipartLimits {
  std::size_t parts = 100;
  std::size_t header_bytes = 8 * 1024;      // per part
  std::size_t field_bytes = 1 << 20;        // of a part without a file name
  std::uint64_t file_bytes = 100ull << 20;  // of a part with one
};

struct MultipartPart {
  Headers headers;
  std::string name;                     // of the form field
  std::optional<std::string> filename;  // set: a file. Bare name: no path, no control byte, UTF-8
  std::string content_type;             // as sent; empty: text/plain by RFC 7578
};

// Receives the parts in their order. Returning false ends the parsing with the fault "aborted".
class MultipartSink {
 public:
  virtual ~MultipartSink() = default;
  virtual bool on_part(MultipartPart part) = 0;
  virtual bool on_bytes(std::string_view bytes) = 0;  // of the part that began last
  virtual bool on_part_end() = 0;
};

class MultipartParser {
 public:
  // nullopt: the Content-Type is not multipart/form-data or its boundary is missing or malformed.
  static std::optional<std::string> boundary_of(std::string_view content_type);

  MultipartParser(std::string_view boundary, MultipartSink& sink,
                  const MultipartLimits& limits = {});

  // False: fault() says why; feed nothing more.
  bool feed(std::string_view bytes);
  // All has been fed: false if the closing boundary is missing.
  bool finish();
  const Fault& fault() const { return fault_; }

 private:
  enum class State : std::uint8_t { preamble, boundary_end, headers, data, epilogue, failed };

  bool fail(int status, std::string_view code, std::string_view detail);
  bool step(bool& progress);
  bool on_boundary_end(bool& progress);
  bool on_header_line(bool& progress);
  bool on_data(bool& progress);
  bool on_head();
  bool deliver(std::string_view bytes);

  const std::string delimiter_;  // CR LF "--" boundary
  MultipartSink& sink_;
  const MultipartLimits limits_;
  Fault fault_;
  std::string buffer_;
  std::size_t used_ = 0;
  State state_ = State::preamble;
  MultipartPart part_;
  std::size_t parts_ = 0;
  std::size_t header_bytes_ = 0;
  std::uint64_t part_bytes_ = 0;
  std::size_t skip_ = 0;  // bytes at used_ that belong to the head, kept only to find the delimiter
};

// Parses a whole request's body, from memory or block by block from its spooled file. 415 when it
// is no form, 400 when it is malformed, 413 when a limit is passed; status 0 when all went well.
Fault parse_multipart(const Request& request, MultipartSink& sink,
                      const MultipartLimits& limits = {});

}  // namespace host::http
