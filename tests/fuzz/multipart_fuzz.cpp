// Feeds the multipart parser the same form whole and split, and demands the same parts, the same
// fault, and harmless file names.
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/multipart.hpp"

namespace {

using namespace host::http;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Story : MultipartSink {
  bool on_part(MultipartPart part) override {
    if (part.filename)
      demand(!part.filename->empty() &&
             part.filename->find_first_of(std::string_view("/\\\0\r\n", 5)) == std::string::npos);
    text += "\npart " + part.name + " " + part.filename.value_or("-") + "\n";
    return true;
  }
  bool on_bytes(std::string_view bytes) override {
    text.append(bytes);
    return true;
  }
  bool on_part_end() override {
    text += "\nend\n";
    return true;
  }
  std::string text;
};

// What a part got before its limit was passed depends on the split; the fault does not.
std::string run(std::string_view bytes, std::size_t step) {
  Story story;
  MultipartLimits limits;
  limits.parts = 5;
  limits.header_bytes = 300;
  MultipartParser parser("b", story, limits);
  bool intact = true;
  while (!bytes.empty() && intact) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    intact = parser.feed(piece);
  }
  if (intact) intact = parser.finish();
  return intact ? story.text : "fault " + std::string(parser.fault().code);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = run(bytes, size + 1);
  demand(run(bytes, 1) == whole);
  demand(run(bytes, 5) == whole);
  return 0;
}
