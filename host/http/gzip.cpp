// gzip by zlib; see gzip.hpp.
#include "http/gzip.hpp"

#include <new>

#include <zlib.h>

#include "http/ascii.hpp"

namespace host::http {
namespace {

constexpr std::size_t kSmallest = 1024;
constexpr int kLevel = 5;  // most of the gain at a third of the time of 9

// A q-value in thousandths; -1: malformed.
int quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
  int value = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return -1;
  int place = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return -1;
    value += (digit - '0') * place;
    place /= 10;
  }
  return value > 1000 ? -1 : value;
}

bool compressible(std::string_view content_type) {
  const auto type = trimmed(content_type.substr(0, content_type.find(';')));
  const auto begins = [type](std::string_view prefix) {
    return type.size() >= prefix.size() &&
           equals_ignoring_case(type.substr(0, prefix.size()), prefix);
  };
  const auto ends = [type](std::string_view suffix) {
    return type.size() >= suffix.size() &&
           equals_ignoring_case(type.substr(type.size() - suffix.size()), suffix);
  };
  return begins("text/") || ends("/json") || ends("+json") || ends("/xml") || ends("+xml") ||
         ends("/javascript") || ends("/x-ndjson");
}

void vary_on_encoding(Headers& headers) {
  const auto present = headers.get("Vary");
  bool named = false;
  for_each_element(present, [&named](std::string_view field) {
    if (field == "*" || equals_ignoring_case(field, "Accept-Encoding")) named = true;
  });
  if (named) return;
  headers.set("Vary",
              present.empty() ? "Accept-Encoding" : std::string(present) + ", Accept-Encoding");
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  int gzip_quality = -1;
  int any_quality = -1;
  int identity_quality = -1;
  for_each_element(accept_encoding, [&](std::string_view element) {
    const auto semicolon = element.find(';');
    const auto coding = trimmed(element.substr(0, semicolon));
    int value = 1000;
    if (semicolon != std::string_view::npos) {
      const auto parameter = trimmed(element.substr(semicolon + 1));
      if (parameter.size() < 2 || lower(parameter[0]) != 'q' || parameter[1] != '=') return;
      value = quality(parameter.substr(2));
      if (value < 0) return;
    }
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip"))
      gzip_quality = value;
    if (equals_ignoring_case(coding, "identity")) identity_quality = value;
    if (coding == "*") any_quality = value;
  });
  const int chosen = gzip_quality >= 0 ? gzip_quality : any_quality;
  return chosen > 0 && chosen >= identity_quality;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::bad_alloc();
  return packed;
}

void compress(std::string_view accept_encoding, Response& response) {
  constexpr std::size_t kLargest = std::size_t{1} << 30;  // zlib counts in 32 bits
  if (response.file || response.body.size() < kSmallest || response.body.size() > kLargest) return;
  if (response.headers.find("Content-Encoding") ||
      !compressible(response.headers.get("Content-Type")))
    return;
  vary_on_encoding(response.headers);
  if (!accepts_gzip(accept_encoding)) return;
  auto packed = gzip(response.body);
  if (packed.size() >= response.body.size()) return;
  response.body = std::move(packed);
  response.headers.set("Content-Encoding", "gzip");
  if (const auto etag = response.headers.get("ETag"); etag.starts_with('"')) {
    response.headers.set("ETag", "W/" + std::string(etag));  // the bytes differ from identity's
  }
}

}  // namespace host::http
