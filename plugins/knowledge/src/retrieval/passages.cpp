// See passages.hpp.
#include "passages.hpp"

#include <algorithm>

#include "query_words.hpp"

namespace serai::retrieval {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

struct Sentence {
  std::string_view text;
  float met = 0;
  std::size_t words = 0;
};

// The summed rarity of the distinct query words that the sentence holds.
void weigh(Sentence& sentence, const QueryWords& query, const Analyzer& analyzer) {
  const std::vector<Token> tokens = analyzer.analyze(sentence.text, query.language);
  sentence.words = tokens.size();
  for (const QueryWord& word : query.words) {
    const bool met = std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
      return token.term == word.term ||
             std::any_of(word.spellings.begin(), word.spellings.end(),
                         [&](const WeightedTerm& spelling) { return spelling.term == token.term; });
    });
    if (met) sentence.met += word.rarity * word.weight;
  }
}

}  // namespace

std::vector<Passage> passages(std::string_view query, std::string_view text,
                              const Snapshot& snapshot, const Analyzer& analyzer,
                              std::size_t count) {
  const QueryWords words = understand(query, snapshot, analyzer, Parameters{});
  float all = 0;
  for (const QueryWord& word : words.words) all += word.rarity * word.weight;
  if (all <= 0) return {};
  std::vector<Sentence> sentences;
  for (const std::string_view piece : analyzer.sentences(text)) {
    if (const std::string_view sentence = trimmed(piece); !sentence.empty()) {
      sentences.push_back({sentence});
      weigh(sentences.back(), words, analyzer);
    }
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (sentences[i].met > 0) order.push_back(i);
  }
  // Long sentences hold more words by chance; a fifth off for each 40 words.
  const auto worth = [&](std::size_t i) {
    return sentences[i].met / (1 + static_cast<float>(sentences[i].words) / 200);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return worth(a) > worth(b); });
  std::vector<Passage> best;
  std::vector<bool> used(sentences.size(), false);
  for (const std::size_t i : order) {
    if (best.size() == count) break;
    if (used[i]) continue;
    used[i] = true;
    std::string_view last = sentences[i].text;
    if (last.ends_with('?') && i + 1 < sentences.size()) {
      last = sentences[i + 1].text;
      used[i + 1] = true;
    }
    const auto begin = static_cast<std::size_t>(sentences[i].text.data() - text.data());
    const auto end = static_cast<std::size_t>(last.data() + last.size() - text.data());
    best.push_back({std::string(text.substr(begin, end - begin)), begin, end,
                    std::clamp(sentences[i].met / all, 0.001F, 1.0F)});
  }
  return best;
}

}  // namespace serai::retrieval
