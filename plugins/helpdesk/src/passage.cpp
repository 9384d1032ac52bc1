// See the header.
#include "passage.hpp"

namespace helpdesk {
namespace {

constexpr std::size_t kExcerptBytes = 400;
constexpr std::string_view kOmission = " …";

}  // namespace

std::string shortened(std::string_view text, std::size_t size) {
  if (text.size() <= size) return std::string(text);
  if (size <= kOmission.size()) return {};
  const std::size_t room = size - kOmission.size();
  auto end = text.rfind(' ', room);
  if (end == std::string_view::npos || end < room / 2) {
    end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  }
  return std::string(text.substr(0, end)).append(kOmission);
}

std::string excerpt(const Passage& passage) {
  std::string text;
  for (const auto& sentence : passage.sentences) {
    if (!text.empty() && text.size() + 1 + sentence.size() > kExcerptBytes) break;
    text += (text.empty() ? "" : " ") + sentence;
  }
  return shortened(text.empty() ? passage.content : text, kExcerptBytes);
}

}  // namespace helpdesk
