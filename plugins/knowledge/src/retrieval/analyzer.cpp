// See analyzer.hpp. Pure ASCII takes a short cut that gives what ICU would: within ASCII its word
// boundaries that survive our splitting at every non-alphanumeric character are exactly those.
#include "analyzer.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>

#include <libstemmer.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utf16.h>

namespace serai::retrieval {
namespace {

constexpr std::size_t kWordsForGuess = 400;

bool ascii_alnum(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void ascii_words(std::string_view text, std::vector<std::string>& out) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !ascii_alnum(static_cast<unsigned char>(text[at]))) ++at;
    const std::size_t start = at;
    while (at < text.size() && ascii_alnum(static_cast<unsigned char>(text[at]))) ++at;
    if (at == start || at - start > kLongestWord) continue;
    std::string& word = out.emplace_back(text.substr(start, at - start));
    for (char& c : word) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
  }
}

std::u16string to_utf16(std::string_view text) {
  std::u16string wide(text.size() + 1, u'\0');
  int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  // A malformed sequence becomes a space, so that it separates words.
  u_strFromUTF8WithSub(wide.data(), static_cast<int32_t>(wide.size()), &length, text.data(),
                       static_cast<int32_t>(text.size()), u' ', nullptr, &status);
  if (U_FAILURE(status)) return {};
  wide.resize(static_cast<std::size_t>(length));
  return wide;
}

std::string to_utf8(std::u16string_view wide) {
  std::string text(wide.size() * 3, '\0');
  int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strToUTF8WithSub(text.data(), static_cast<int32_t>(text.size()), &length, wide.data(),
                     static_cast<int32_t>(wide.size()), u' ', nullptr, &status);
  if (U_FAILURE(status)) return {};
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::u16string normalize(const UNormalizer2* form, std::u16string_view text) {
  std::u16string out(text.size() * 2 + 16, u'\0');
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length = unorm2_normalize(form, text.data(), static_cast<int32_t>(text.size()),
                                            out.data(), static_cast<int32_t>(out.size()), &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
      out.assign(static_cast<std::size_t>(length), u'\0');
      continue;
    }
    if (U_FAILURE(status)) return std::u16string(text);
    out.resize(static_cast<std::size_t>(length));
    return out;
  }
}

bool part_of_word(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

}  // namespace

// What one thread needs while it analyses.
struct Analyzer::Tools {
  Tools() {
    UErrorCode status = U_ZERO_ERROR;
    breaker = ubrk_open(UBRK_WORD, "", nullptr, 0, &status);
    fold = unorm2_getNFKCCasefoldInstance(&status);
    decompose = unorm2_getNFDInstance(&status);
    sentence_breaker = ubrk_open(UBRK_SENTENCE, "", nullptr, 0, &status);
    if (U_FAILURE(status)) throw std::runtime_error("ICU has no word break or normalisation data");
  }
  ~Tools() {
    ubrk_close(breaker);
    ubrk_close(sentence_breaker);
    for (sb_stemmer* stemmer : stemmers) sb_stemmer_delete(stemmer);
  }
  Tools(const Tools&) = delete;
  Tools& operator=(const Tools&) = delete;

  std::string_view stem(const std::string& word, Language language) {
    sb_stemmer*& stemmer = stemmers[static_cast<std::size_t>(language)];
    if (stemmer == nullptr) stemmer = sb_stemmer_new(stemmer_name(language), "UTF_8");
    if (stemmer == nullptr) return word;
    const sb_symbol* out = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(word.data()),
                                           static_cast<int>(word.size()));
    if (out == nullptr) return word;
    return {reinterpret_cast<const char*>(out),
            static_cast<std::size_t>(sb_stemmer_length(stemmer))};
  }

  // Decomposes and drops the combining marks of scripts where they are accents.
  std::string without_accents(std::string_view word) const {
    if (is_ascii(word)) return std::string(word);
    const std::u16string parts = normalize(decompose, to_utf16(word));
    std::u16string kept;
    for (const char16_t unit : parts) {
      if (unit >= 0x0300 && unit <= 0x036F) continue;
      kept.push_back(unit);
    }
    return to_utf8(kept);
  }

  void wide_words(std::string_view text, std::vector<std::string>& out) {
    const std::u16string folded = normalize(fold, to_utf16(text));
    if (folded.empty()) return;
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText(breaker, folded.data(), static_cast<int32_t>(folded.size()), &status);
    if (U_FAILURE(status)) return;
    int32_t start = ubrk_first(breaker);
    for (int32_t end = ubrk_next(breaker); end != UBRK_DONE;
         start = end, end = ubrk_next(breaker)) {
      split(std::u16string_view(folded).substr(static_cast<std::size_t>(start),
                                               static_cast<std::size_t>(end - start)),
            out);
    }
    // The iterator must not keep pointing at a string that is about to go.
    ubrk_setText(breaker, nullptr, 0, &status);
  }

  // ICU keeps "l'eau", "a.b" and "a_b" together; a reader searches for the parts.
  static void split(std::u16string_view word, std::vector<std::string>& out) {
    const char16_t* const units = word.data();
    const auto size = static_cast<int32_t>(word.size());
    int32_t at = 0;
    int32_t start = 0;
    bool letters = false;
    const auto flush = [&](int32_t end) {
      if (letters) {
        std::string text = to_utf8(
            word.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)));
        if (!text.empty() && text.size() <= kLongestWord) out.push_back(std::move(text));
      }
      letters = false;
    };
    while (at < size) {
      const int32_t before = at;
      UChar32 c = 0;
      U16_NEXT(units, at, size, c);
      if (part_of_word(c)) {
        letters = letters || u_isalnum(c);
        continue;
      }
      flush(before);
      start = at;
    }
    flush(size);
  }

  // UTF-8 in place: the boundaries are byte offsets.
  void split_sentences(std::string_view text, std::vector<std::string_view>& out) {
    UErrorCode status = U_ZERO_ERROR;
    UText* bytes = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status);
    ubrk_setUText(sentence_breaker, bytes, &status);
    if (U_SUCCESS(status)) {
      int32_t start = ubrk_first(sentence_breaker);
      for (int32_t end = ubrk_next(sentence_breaker); end != UBRK_DONE;
           start = end, end = ubrk_next(sentence_breaker)) {
        out.push_back(
            text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)));
      }
    }
    utext_close(bytes);
    status = U_ZERO_ERROR;
    ubrk_setText(sentence_breaker, nullptr, 0, &status);
  }

  UBreakIterator* breaker = nullptr;
  UBreakIterator* sentence_breaker = nullptr;
  const UNormalizer2* fold = nullptr;
  const UNormalizer2* decompose = nullptr;
  std::array<sb_stemmer*, kLanguages> stemmers{};
};

struct Analyzer::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Tools>> idle;
};

class Analyzer::Loan {
 public:
  explicit Loan(Pool& pool) : pool_(pool) {
    const std::lock_guard lock(pool_.mutex);
    if (pool_.idle.empty()) return;
    tools_ = std::move(pool_.idle.back());
    pool_.idle.pop_back();
  }
  ~Loan() {
    if (!tools_) return;
    const std::lock_guard lock(pool_.mutex);
    pool_.idle.push_back(std::move(tools_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  Tools* operator->() {
    if (!tools_) tools_ = std::make_unique<Tools>();
    return tools_.get();
  }

 private:
  Pool& pool_;
  std::unique_ptr<Tools> tools_;
};

Analyzer::Analyzer() : pool_(std::make_unique<Pool>()) {}
Analyzer::~Analyzer() = default;

std::vector<std::string> Analyzer::words(std::string_view text) const {
  std::vector<std::string> out;
  out.reserve(text.size() / 6 + 1);
  if (is_ascii(text)) {
    ascii_words(text, out);
    return out;
  }
  Loan tools(*pool_);
  // ICU counts in 32 bits; cut huge texts at a space.
  constexpr std::size_t kPiece = 1U << 20;
  while (text.size() > kPiece) {
    const std::size_t space = text.find_last_of(" \n\t", kPiece);
    const std::size_t cut = space == std::string_view::npos || space == 0 ? kPiece : space;
    tools->wide_words(text.substr(0, cut), out);
    text.remove_prefix(cut);
  }
  tools->wide_words(text, out);
  return out;
}

std::vector<Token> Analyzer::tokens(const std::vector<std::string>& words,
                                    Language language) const {
  std::vector<Token> out;
  out.reserve(words.size());
  Loan tools(*pool_);
  for (const std::string& word : words) {
    std::string plain = tools->without_accents(word);
    if (is_stop_word(plain, language)) continue;
    std::string term = tools->without_accents(tools->stem(word, language));
    if (term.empty() || plain.empty()) continue;
    out.push_back({std::move(plain), std::move(term)});
  }
  return out;
}

Language Analyzer::guess(const std::vector<std::string>& words, Language fallback) {
  std::vector<std::string_view> some;
  for (const std::string& word : words) {
    if (some.size() == kWordsForGuess) break;
    some.push_back(word);
  }
  return guess_language(some, fallback);
}

std::vector<std::string_view> Analyzer::sentences(std::string_view text) const {
  std::vector<std::string_view> out;
  if (text.size() > std::size_t{1} << 30) return {text};
  Loan tools(*pool_);
  tools->split_sentences(text, out);
  return out;
}

std::vector<Token> Analyzer::analyze(std::string_view text,
                                     std::optional<Language> language) const {
  const std::vector<std::string> found = words(text);
  return tokens(found, language ? *language : guess(found, Language::english));
}

}  // namespace serai::retrieval
