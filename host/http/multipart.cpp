// multipart/form-data; see multipart.hpp. Parameters of fields are parsed in multipart_fields.cpp.
#include "http/multipart.hpp"

#include <vector>

#include "http/ascii.hpp"
#include "http/multipart_fields.hpp"
#include "http/spooled_file.hpp"

namespace host::http {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kBoundaryLimit = 70;  // RFC 2046, 5.1.1

bool valid_boundary(std::string_view boundary) {
  if (boundary.empty() || boundary.size() > kBoundaryLimit || boundary.back() == ' ') return false;
  for (const char character : boundary) {
    const bool letter_or_digit = is(character, kHostName) && character != '~';
    if (!letter_or_digit &&
        std::string_view("'()+_,-./:=? ").find(character) == std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> MultipartParser::boundary_of(std::string_view content_type) {
  const auto field = parse_parameters(content_type);
  if (!field || !equals_ignoring_case(field->value, "multipart/form-data")) return std::nullopt;
  const auto* boundary = field->find("boundary");
  if (boundary == nullptr || !valid_boundary(*boundary)) return std::nullopt;
  return *boundary;
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartSink& sink,
                                 const MultipartLimits& limits)
    : delimiter_("\r\n--" + std::string(boundary)),
      sink_(sink),
      limits_(limits),
      buffer_("\r\n") {}  // so that the first boundary looks like every other

bool MultipartParser::fail(int status, std::string_view code, std::string_view detail) {
  fault_ = {status, code, detail};
  state_ = State::failed;
  return false;
}

bool MultipartParser::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::failed) {
    if (state_ == State::epilogue) return true;
    // In blocks, so that one call with a large body does not copy it whole.
    const auto block = bytes.substr(0, kBlock);
    bytes.remove_prefix(block.size());
    buffer_.append(block);
    for (bool progress = true; progress;) {
      progress = false;
      if (!step(progress)) return false;
    }
    buffer_.erase(0, used_);
    used_ = 0;
  }
  return state_ != State::failed;
}

bool MultipartParser::finish() {
  if (state_ == State::failed) return false;
  return state_ == State::epilogue ||
         fail(400, "bad_form", "The form ends without its closing boundary.");
}

bool MultipartParser::step(bool& progress) {
  switch (state_) {
    case State::preamble: {
      // Only the boundary may stand at the beginning: no browser sends a preamble, smugglers do.
      if (buffer_.size() - used_ < delimiter_.size()) return true;
      if (buffer_.compare(used_, delimiter_.size(), delimiter_) != 0) {
        return fail(400, "bad_form", "The form does not begin with its boundary.");
      }
      used_ += delimiter_.size();
      state_ = State::boundary_end;
      progress = true;
      return true;
    }
    case State::boundary_end:
      return on_boundary_end(progress);
    case State::headers:
      return on_header_line(progress);
    case State::data:
      return on_data(progress);
    case State::epilogue:
      used_ = buffer_.size();
      return true;
    case State::failed:
      return false;
  }
  return false;
}

bool MultipartParser::on_boundary_end(bool& progress) {
  if (buffer_.size() - used_ < 2) return true;
  const auto next = std::string_view(buffer_).substr(used_, 2);
  if (next == "--") {
    state_ = State::epilogue;
  } else if (next == "\r\n") {
    if (++parts_ > limits_.parts)
      return fail(413, "too_many_parts", "The form has too many parts.");
    part_ = MultipartPart();
    header_bytes_ = 0;
    part_bytes_ = 0;
    state_ = State::headers;
  } else {
    return fail(400, "bad_form", "A boundary of the form is followed by something else.");
  }
  used_ += 2;
  progress = true;
  return true;
}

bool MultipartParser::on_header_line(bool& progress) {
  const auto end = buffer_.find('\n', used_);
  const auto length = (end == std::string::npos ? buffer_.size() : end + 1) - used_;
  if (header_bytes_ + length > limits_.header_bytes) {
    return fail(413, "part_header_too_large", "The header of a part is too large.");
  }
  if (end == std::string::npos) return true;
  auto line = std::string_view(buffer_).substr(used_, length);
  header_bytes_ += length;
  used_ += length;
  progress = true;
  if (line.size() < 2 || line[line.size() - 2] != '\r') {
    return fail(400, "bad_form", "A line of a part's header does not end in CR LF.");
  }
  line.remove_suffix(2);
  if (line.empty()) return on_head();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !consists_of(line.substr(0, colon), kToken)) {
    return fail(400, "bad_form", "A part has a malformed header field.");
  }
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return fail(400, "bad_form", "A part has a malformed header field.");
  }
  part_.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return true;
}

bool MultipartParser::on_head() {
  const Headers& headers = part_.headers;
  std::size_t dispositions = 0;
  for (const auto& [name, value] : headers) {
    if (equals_ignoring_case(name, "Content-Disposition")) ++dispositions;
    if (equals_ignoring_case(name, "Content-Transfer-Encoding") &&
        !equals_ignoring_case(value, "binary") && !equals_ignoring_case(value, "8bit") &&
        !equals_ignoring_case(value, "7bit")) {
      return fail(400, "bad_form", "Parts of a form must not be encoded for transfer.");
    }
  }
  const auto disposition = parse_parameters(headers.get("Content-Disposition"));
  if (dispositions != 1 || !disposition || !equals_ignoring_case(disposition->value, "form-data")) {
    return fail(400, "bad_form", "A part of the form has no Content-Disposition.");
  }
  const auto* name = disposition->find("name");
  if (name == nullptr) return fail(400, "bad_form", "A part of the form has no name.");
  part_.name = *name;
  if (const auto* extended = disposition->find("filename*")) {
    auto decoded = decode_extended(*extended);
    if (!decoded) return fail(400, "bad_form", "A part's file name is malformed.");
    part_.filename = bare_file_name(*decoded);
  } else if (const auto* plain = disposition->find("filename")) {
    part_.filename = bare_file_name(*plain);
  }
  part_.content_type = headers.get("Content-Type");
  state_ = State::data;
  // A part without bytes has its delimiter right here, and that needs the CR LF that ended the
  // head.
  used_ -= 2;
  part_bytes_ = 0;
  skip_ = 2;
  if (!sink_.on_part(part_)) return fail(400, "aborted", "The form was not wanted.");
  return true;
}

bool MultipartParser::on_data(bool& progress) {
  const auto found = buffer_.find(delimiter_, used_);
  if (found != std::string::npos) {
    const auto begin = std::min(used_ + skip_, found);
    if (!deliver(std::string_view(buffer_).substr(begin, found - begin))) return false;
    used_ = found + delimiter_.size();
    skip_ = 0;
    state_ = State::boundary_end;
    progress = true;
    return sink_.on_part_end() || fail(400, "aborted", "The form was not wanted.");
  }
  // The tail may be the beginning of a delimiter; what stands before it is data.
  const auto available = buffer_.size() - used_;
  if (available < delimiter_.size()) return true;
  const auto certain = available - (delimiter_.size() - 1);
  if (certain <= skip_) return true;
  const auto bytes = std::string_view(buffer_).substr(used_ + skip_, certain - skip_);
  used_ += certain;
  skip_ = 0;
  return deliver(bytes);
}

bool MultipartParser::deliver(std::string_view bytes) {
  if (bytes.empty()) return true;
  part_bytes_ += bytes.size();
  const std::uint64_t limit = part_.filename ? limits_.file_bytes : limits_.field_bytes;
  if (part_bytes_ > limit) return fail(413, "part_too_large", "A part of the form is too large.");
  return sink_.on_bytes(bytes) || fail(400, "aborted", "The form was not wanted.");
}

Fault parse_multipart(const Request& request, MultipartSink& sink, const MultipartLimits& limits) {
  const auto boundary = MultipartParser::boundary_of(request.headers.get("Content-Type"));
  if (!boundary) {
    return {415, "unsupported_media_type",
            "A form of type multipart/form-data with a boundary is expected."};
  }
  MultipartParser parser(*boundary, sink, limits);
  if (!request.spooled) {
    parser.feed(request.body) && parser.finish();
    return parser.fault();
  }
  std::vector<char> block(kBlock);
  for (std::uint64_t offset = 0;;) {
    const auto got = request.spooled->read(offset, block.data(), block.size());
    if (got == 0) break;
    if (!parser.feed({block.data(), got})) return parser.fault();
    offset += got;
  }
  parser.finish();
  return parser.fault();
}

}  // namespace host::http
