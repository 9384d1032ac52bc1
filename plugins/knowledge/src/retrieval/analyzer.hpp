// Text to terms: ICU word breaking, NFKC case folding, stop lists and Snowball stemmers. The same
// steps for documents and queries. Knows nothing of indexes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language.hpp"

namespace serai::retrieval {

// A word of the text that is no stop word.
struct Token {
  std::string word;  // folded, accents removed: what a reader would type
  std::string term;  // stemmed: what is indexed
};

// Words longer than this many bytes are cut out: no reader types them and they are mostly data.
inline constexpr std::size_t kLongestWord = 64;

// Thread-safe: break iterators and stemmers are not, so each call borrows a set from a pool.
class Analyzer {
 public:
  Analyzer();
  ~Analyzer();
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;

  // Folded words in order, stop words included. Malformed UTF-8 separates words.
  std::vector<std::string> words(std::string_view text) const;

  // Drops the stop words of the language and stems the rest.
  std::vector<Token> tokens(const std::vector<std::string>& words, Language language) const;

  // Both steps; the language guessed when not given.
  std::vector<Token> analyze(std::string_view text, std::optional<Language> language = {}) const;

  // The text's sentences by ICU's rules, one after another without gaps; line ends end one too.
  std::vector<std::string_view> sentences(std::string_view text) const;

  static Language guess(const std::vector<std::string>& words, Language fallback);

 private:
  struct Tools;
  class Loan;
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace serai::retrieval
