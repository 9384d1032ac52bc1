// See the header.
#include "citations.hpp"

namespace helpdesk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "1, 2", "3;4" or "1-3": numbers of three digits at most and what stands between them. Longer ones
// are years and the like.
bool is_citation(std::string_view inside) {
  if (inside.empty() || !is_digit(inside.front())) return false;
  std::size_t digits = 0;
  for (const char c : inside) {
    digits = is_digit(c) ? digits + 1 : 0;
    if (digits > 3) return false;
    if (digits == 0 && c != ',' && c != ';' && c != '-' && c != ' ') return false;
  }
  return true;
}

// "[1][3]" of "1, 7, 3" if five were given. A range counts as its two ends.
std::string honest(std::string_view inside, std::size_t given) {
  std::string out;
  for (std::size_t i = 0; i < inside.size();) {
    if (!is_digit(inside[i])) {
      ++i;
      continue;
    }
    std::size_t number = 0;
    for (; i < inside.size() && is_digit(inside[i]); ++i)
      number = number * 10 + static_cast<std::size_t>(inside[i] - '0');
    if (number >= 1 && number <= given) out += "[" + std::to_string(number) + "]";
  }
  return out;
}

}  // namespace

std::string with_honest_citations(std::string_view text, std::size_t given) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '[' ? text.find(']', i) : std::string_view::npos;
    if (end == std::string_view::npos || !is_citation(text.substr(i + 1, end - i - 1))) {
      out += text[i];
      continue;
    }
    const std::string kept = honest(text.substr(i + 1, end - i - 1), given);
    if (kept.empty() && !out.empty() && out.back() == ' ') out.pop_back();
    out += kept;
    i = end;
  }
  return out;
}

}  // namespace helpdesk
