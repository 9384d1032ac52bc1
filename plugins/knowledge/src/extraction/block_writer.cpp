// See block_writer.hpp.
#include "block_writer.hpp"

namespace knowledge {
namespace {

constexpr std::size_t kTitleBytes = 200;

// Bytes of the white space character that begins at `at`, 0 if it is none.
std::size_t space_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte <= 0x20 || byte == 0x7F) return 1;
  if (text.substr(at, 2) == "\xC2\xA0" || text.substr(at, 2) == "\xC2\xAD")
    return 2;  // soft hyphen
  if (text.substr(at, 3) == "\xE2\x80\xAF" || text.substr(at, 3) == "\xE2\x80\x8B") return 3;
  return 0;
}

std::string shorten(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  text.resize(limit);
  return text;
}

}  // namespace

std::string fold_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t width = space_at(text, i)) {
      pending = !out.empty() && (pending || text.substr(i, 2) != "\xC2\xAD");
      i += width;
      continue;
    }
    if (pending) out += ' ';
    pending = false;
    out += text[i++];
  }
  return out;
}

void BlockWriter::add(BlockKind kind, std::string_view text, int level, bool table_start) {
  std::string folded = fold_space(text);
  if (folded.empty()) return;
  bytes_ += folded.size();
  if (bytes_ > limits_.text_bytes || text_.blocks.size() >= limits_.blocks) {
    throw ExtractionError("The document holds more text than can be indexed as one (" +
                          std::to_string(limits_.text_bytes >> 20) +
                          " MiB): split it into several.");
  }
  text_.blocks.push_back({kind, level, std::move(folded), table_start});
}

void BlockWriter::set_title(std::string_view title) {
  text_.title = shorten(fold_space(title), kTitleBytes);
}

}  // namespace knowledge
