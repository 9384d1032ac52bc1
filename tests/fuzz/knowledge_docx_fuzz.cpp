// Feeds the Word extractor bytes, once as the whole file and once as the document's XML within a
// sound zip, and demands clean blocks or a sentence for people.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "extraction/encoding.hpp"
#include "extraction/extract.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string number(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~sum;
}

// One entry, not packed.
std::string zip_of(std::string_view content) {
  const std::string name = "word/document.xml";
  const auto size = static_cast<std::uint32_t>(content.size());
  const std::string about = number(0, 2) + number(0, 2) + number(0, 4) +
                            number(checksum(content), 4) + number(size, 4) + number(size, 4) +
                            number(static_cast<std::uint32_t>(name.size()), 2) + number(0, 2);
  const std::string file = "PK\x03\x04" + number(20, 2) + about + name + std::string(content);
  const std::string entry =
      "PK\x01\x02" + number(20, 2) + number(20, 2) + about + std::string(14, '\0') + name;
  return file + entry + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(static_cast<std::uint32_t>(entry.size()), 4) +
         number(static_cast<std::uint32_t>(file.size()), 4) + number(0, 2);
}

// Whether it was read.
bool run(std::string_view bytes) {
  knowledge::ExtractionLimits limits;
  limits.text_bytes = 4096;
  limits.blocks = 100;
  try {
    const auto text = knowledge::extract_docx(bytes, limits);
    demand(text.blocks.size() <= limits.blocks);
    for (const auto& block : text.blocks) {
      demand(!block.text.empty() && knowledge::is_utf8(block.text));
    }
    return true;
  } catch (const knowledge::ExtractionError& error) {
    demand(*error.what() != '\0');
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Else the zip made here is at fault, and nothing behind it is tried.
  static const bool sound = run(zip_of("<d/>"));
  demand(sound);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  run(bytes);
  run(zip_of(bytes));
  return 0;
}
