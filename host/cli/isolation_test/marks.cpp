#include "cli/isolation_test/marks.hpp"

#include <algorithm>

namespace host::cli::isolation_test {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const auto three = static_cast<unsigned>(static_cast<unsigned char>(text[i])) << 16 |
                       static_cast<unsigned>(static_cast<unsigned char>(text[i + 1])) << 8 |
                       static_cast<unsigned>(static_cast<unsigned char>(text[i + 2]));
    for (int shift = 18; shift >= 0; shift -= 6) out += kAlphabet[three >> shift & 63];
  }
  return out;
}

bool in_base64(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
         c == '/' || c == '-' || c == '_';
}

// The run of base64 characters around a hit, which is what a client would have sent.
std::string run_around(std::string_view text, std::size_t at) {
  std::size_t begin = at, end = at;
  while (begin > 0 && in_base64(text[begin - 1])) --begin;
  while (end < text.size() && in_base64(text[end])) ++end;
  return std::string(text.substr(begin, end - begin));
}

}  // namespace

Marks::Marks(Random& random) {
  for (std::size_t i = 0; i < kStem; ++i) stem_ += static_cast<char>('a' + random() % 26);
  for (std::size_t skip = 0; skip < 3; ++skip) encoded_.push_back(base64(stem_.substr(skip)));
}

std::string Marks::next() {
  std::string mark = stem_;
  for (unsigned left = count_++, i = 0; i < kMark - kStem; ++i, left /= 26)
    mark += static_cast<char>('a' + left % 26);
  return mark;
}

std::string Marks::mark_at(std::string_view text, std::size_t at) {
  std::size_t end = at + kStem;
  while (end < text.size() && end < at + kMark && text[end] >= 'a' && text[end] <= 'z') ++end;
  return std::string(text.substr(at, end - at));
}

bool Marks::is_told_mark(const std::string& mark) const {
  const auto same = told_marks_.lower_bound(mark);
  return same != told_marks_.end() && same->starts_with(mark);
}

void Marks::own(std::string_view word) { words_.emplace(word); }
void Marks::shared(std::string_view word) { shared_.emplace(word); }

void Marks::told(std::string_view text) {
  const std::string small = lower(text);
  for (auto at = small.find(stem_); at != small.npos; at = small.find(stem_, at + 1))
    told_marks_.insert(mark_at(small, at));
  each_word(text, [this](std::string_view word) {
    if (words_.contains(std::string(word))) told_.emplace(word);
  });
  for (const auto& encoded : encoded_)
    for (auto at = text.find(encoded); at != text.npos; at = text.find(encoded, at + 1))
      told_.insert(run_around(text, at));
}

std::vector<std::string> Marks::found_in(std::string_view text) const {
  std::set<std::string> found;
  const std::string small = lower(text);
  for (auto at = small.find(stem_); at != small.npos; at = small.find(stem_, at + 1)) {
    auto mark = mark_at(small, at);
    if (!is_told_mark(mark)) found.insert(std::move(mark));
  }
  for (const auto& encoded : encoded_)
    for (auto at = text.find(encoded); at != text.npos; at = text.find(encoded, at + 1))
      if (auto run = run_around(text, at); !is_told(run)) found.insert(run + " (base64)");
  each_word(text, [&](std::string_view view) {
    std::string word(view);
    if (words_.contains(word) && !shared_.contains(word) && !is_told(word)) found.insert(word);
  });
  return {found.begin(), found.end()};
}

bool looks_like_a_date(std::string_view word) {
  return word.size() >= 10 && word[4] == '-' && word[7] == '-' && word.starts_with("20");
}

}  // namespace host::cli::isolation_test
