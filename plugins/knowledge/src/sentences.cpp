// See sentences.hpp.
#include "sentences.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace knowledge {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

// What is followed by a full stop and yet goes on.
bool is_abbreviation(std::string_view before) {
  const std::size_t start = before.find_last_of(" \n\t(");
  const std::string_view word = start == std::string_view::npos ? before : before.substr(start + 1);
  constexpr std::array<std::string_view, 16> known = {"e.g", "i.e", "etc", "Mr", "Mrs", "Ms",
                                                      "Dr",  "No",  "Nr",  "St", "vs",  "approx",
                                                      "p.p", "z.B", "bzw", "max"};
  return word.size() <= 1 || std::find(known.begin(), known.end(), word) != known.end();
}

// Whether the sentence ends with the character at `at`.
bool ends_at(std::string_view text, std::size_t at) {
  if (text[at] == '\n') return true;
  if (text[at] != '.' && text[at] != '!' && text[at] != '?') return false;
  if (at + 1 >= text.size()) return true;
  if (!is_space(text[at + 1])) return false;
  if (text[at] == '.' && is_abbreviation(text.substr(0, at))) return false;
  const std::size_t next = text.find_first_not_of(" \n\t", at + 1);
  return next == std::string_view::npos || text[next] < 'a' || text[next] > 'z';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n\t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

}  // namespace

std::vector<std::string_view> split_sentences(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t start = 0;
  const auto finish = [&](std::size_t end) {
    const std::string_view sentence = trimmed(text.substr(start, end - start));
    if (!sentence.empty()) sentences.push_back(sentence);
    start = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ends_at(text, i)) finish(i + 1);
  }
  finish(text.size());
  return sentences;
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    if (!is_space(c) && !inside) ++words;
    inside = !is_space(c);
  }
  return words;
}

std::vector<std::string> best_sentences(std::string_view text, std::string_view query,
                                        const serai::retrieval::Analyzer& analyzer,
                                        std::size_t limit) {
  std::set<std::string> wanted;
  for (const auto& token : analyzer.analyze(query)) wanted.insert(token.term);
  const auto sentences = split_sentences(text);
  std::vector<std::pair<double, std::size_t>> ranked;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::set<std::string> shared;
    const auto tokens = analyzer.analyze(sentences[i]);
    for (const auto& token : tokens) {
      if (wanted.contains(token.term)) shared.insert(token.term);
    }
    // A long sentence shares more by chance.
    const double score =
        static_cast<double>(shared.size()) / std::sqrt(8.0 + static_cast<double>(tokens.size()));
    if (!shared.empty()) ranked.emplace_back(-score, i);
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > limit) ranked.resize(limit);
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::string> best;
  for (const auto& [score, index] : ranked) best.emplace_back(sentences[index]);
  return best;
}

}  // namespace knowledge
