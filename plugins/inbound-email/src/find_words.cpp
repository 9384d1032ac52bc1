#include "provider.hpp"

namespace inbound {
namespace {

bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

// The end of `words` in `text` from `at` on; npos: they do not stand there.
std::size_t match(std::string_view text, std::size_t at, std::string_view words) {
  for (std::size_t i = 0; i < words.size();) {
    if (is_space(words[i])) {
      if (at >= text.size() || !is_space(text[at])) return std::string_view::npos;
      while (i < words.size() && is_space(words[i])) ++i;
      while (at < text.size() && is_space(text[at])) ++at;
      continue;
    }
    if (at >= text.size() || lower(text[at]) != lower(words[i])) return std::string_view::npos;
    ++at;
    ++i;
  }
  return at;
}

bool is_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const char byte = lower(text[at]);
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || (byte & 0x80) != 0;
}

}  // namespace

std::optional<Evidence> find_words(std::string_view text, std::string_view words) {
  while (!words.empty() && is_space(words.front())) words.remove_prefix(1);
  while (!words.empty() && is_space(words.back())) words.remove_suffix(1);
  constexpr std::size_t kLongest = 300;
  if (words.empty() || words.size() > kLongest) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto end = match(text, at, words);
    if (end == std::string_view::npos) continue;
    // Whole words: "2" is no evidence in "2026".
    if (at > 0 && is_word(text, at - 1) && is_word(text, at)) continue;
    if (is_word(text, end) && is_word(text, end - 1)) continue;
    return Evidence{std::string(text.substr(at, end - at)), at, end};
  }
  return std::nullopt;
}

}  // namespace inbound
