// Finds phrases of small tables in tokens.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokens.hpp"

namespace inbound {

struct Phrase {
  std::string_view words;  // folded, one space between; a last '*' stands for any rest of the word
  int value = 0;
};

struct PhraseHit {
  std::size_t first = 0;  // tokens
  std::size_t last = 0;
  int value = 0;
};

// Immutable once made; any thread. The texts of the phrases must outlive it.
class PhraseTable {
 public:
  explicit PhraseTable(std::span<const Phrase> phrases);
  PhraseTable(std::initializer_list<Phrase> phrases)
      : PhraseTable(std::span(phrases.begin(), phrases.size())) {}

  // The longest phrase that begins with this token. A hyphen, apostrophe or point may stand
  // between two words: "half-board", "p.p.".
  const PhraseHit* find_at(const Tokens& tokens, std::size_t at, PhraseHit& hit) const;
  bool matches_at(const Tokens& tokens, std::size_t at) const;

  // All that do not overlap, from left to right.
  std::vector<PhraseHit> find_all(const Tokens& tokens) const;

 private:
  struct Entry {
    std::vector<std::string_view> words;
    bool open = false;  // the last word is a beginning
    int value = 0;
  };
  static std::uint16_t key(std::string_view word);
  static bool match(const Entry& entry, const Tokens& tokens, std::size_t at, std::size_t& last);

  std::unordered_map<std::uint16_t, std::vector<Entry>> entries_;  // by the first word's beginning
};

}  // namespace inbound
