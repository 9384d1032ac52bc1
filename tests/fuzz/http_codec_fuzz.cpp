// Feeds the codec the same bytes whole and split, and demands the same requests, the same fault,
// and that what it lets through keeps its promises.
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/codec.hpp"
#include "http/server.hpp"

namespace {

using host::http::Codec;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const host::http::Request& request) {
  demand(request.path == "*" || request.path.starts_with('/'));
  demand(request.path.find('\0') == std::string::npos);
  demand((request.path + "/").find("/../") == std::string::npos);
  demand(request.version_minor == 0 || request.headers.find("Host") != nullptr);
  for (const auto& [name, value] : request.headers) {
    demand(!name.empty() && name.find_first_of(" :\r\n\t") == std::string::npos);
    demand(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

std::string run(std::string_view bytes, std::size_t step) {
  host::http::Limits limits;
  limits.request_line = 200;
  limits.header_bytes = 500;
  limits.header_count = 8;
  limits.body = 1000;
  Codec codec(limits);
  std::string story;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    for (;;) {
      const auto event = codec.next(piece);
      if (event == Codec::Event::need_more) break;
      if (event == Codec::Event::body) story.append(codec.body());
      if (event == Codec::Event::head) {
        check(codec.request());
        story += "\nhead " + codec.request().method + " " + codec.request().path + "\n";
      }
      if (event == Codec::Event::complete) {
        story += "\ncomplete\n";
        codec.reset();
      }
      if (event == Codec::Event::error) {
        demand(codec.fault().status >= 400 && codec.fault().status < 600);
        return story + "\nfault " + std::string(codec.fault().code);
      }
    }
    demand(piece.empty());
  }
  return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = run(bytes, size + 1);
  demand(run(bytes, 1) == whole);
  demand(run(bytes, 7) == whole);
  return 0;
}
