// Feeds the HTML extractor pages, and demands clean blocks or a sentence for people.
#include <cstdlib>
#include <string_view>

#include "extraction/encoding.hpp"
#include "extraction/extract.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  knowledge::ExtractionLimits limits;
  limits.text_bytes = 4096;
  limits.blocks = 100;
  try {
    const auto text = knowledge::extract_html(bytes, limits);
    demand(text.blocks.size() <= limits.blocks);
    for (const auto& block : text.blocks) {
      demand(!block.text.empty() && knowledge::is_utf8(block.text));
    }
  } catch (const knowledge::ExtractionError& error) {
    demand(*error.what() != '\0');
  }
  return 0;
}
