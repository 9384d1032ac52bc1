// Words by which a tenant's data is known wherever it turns up: marks that the test puts into
// everything it writes, and ids that the host made and no other tenant has. Not thread-safe.
#pragma once

#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace host::cli::isolation_test {

using Random = std::mt19937_64;

// The digits behind the point of a number: two tenants' scores may be equal.
inline bool is_fraction(std::string_view text, std::size_t begin, std::size_t end) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (begin < 2 || text[begin - 1] != '.' || !digit(text[begin - 2])) return false;
  const auto word = text.substr(begin, end - begin);
  return word.find_first_not_of("0123456789e-") == word.npos && digit(word.front());
}

// Calls `word(view)` for each run of letters, digits, '-' and '_' of at least eight characters.
template <class Visit>
void each_word(std::string_view text, Visit visit) {
  const auto part = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_';
  };
  for (std::size_t at = 0; at < text.size();) {
    if (!part(static_cast<unsigned char>(text[at]))) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && part(static_cast<unsigned char>(text[end]))) ++end;
    if (end - at >= 8 && !is_fraction(text, at, end)) visit(text.substr(at, end - at));
    at = end;
  }
}

class Marks {
 public:
  static constexpr std::size_t kStem = 10, kMark = 14;

  explicit Marks(Random& random);
  // Lower-case letters, new at each call: the tenant's stem, then a number in letters.
  std::string next();
  const std::string& stem() const { return stem_; }

  // A word of this tenant's that no one else could know: counts as evidence from now on.
  void own(std::string_view word);
  // Others have it too, so it proves nothing.
  void shared(std::string_view word);
  // The other tenant has sent this text itself: seeing its words again is an echo, not a leak.
  void told(std::string_view text);

  // The words of this tenant in `text` that the other was never told, each once. Marks are found in
  // any case and in base64, ids as whole words.
  std::vector<std::string> found_in(std::string_view text) const;

 private:
  bool is_told(const std::string& word) const { return told_.contains(word); }
  // The mark at `at`, or as much of it as is left: what else follows it is not part of it.
  static std::string mark_at(std::string_view text, std::size_t at);
  // Of what is left of a mark nobody can say which one it was: told, if it may be one that was.
  bool is_told_mark(const std::string& mark) const;

  std::string stem_;
  std::vector<std::string> encoded_;  // what the stem looks like in base64, at each offset
  unsigned count_ = 0;
  std::unordered_set<std::string> words_, shared_, told_;
  std::set<std::string> told_marks_;
};

// "2026-11-21": two tenants have the same days.
bool looks_like_a_date(std::string_view word);

}  // namespace host::cli::isolation_test
