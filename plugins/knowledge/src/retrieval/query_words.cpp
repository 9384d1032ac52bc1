// See query_words.hpp.
#include "query_words.hpp"

#include <algorithm>
#include <optional>

#include "spelling.hpp"

namespace serai::retrieval {
namespace {

// Of the languages that a fair share of the documents is written in, the one in which most of the
// query's words are known; the guess from its stop words wins when that does not decide.
std::vector<Token> query_tokens(std::string_view text, const Snapshot& snapshot,
                                const Analyzer& analyzer, Language& language) {
  const std::vector<std::string> words = analyzer.words(text);
  const Language guess = Analyzer::guess(words, Language::english);
  std::vector<Language> candidates = {guess};
  for (std::size_t i = 0; i < kLanguages; ++i) {
    const auto candidate = static_cast<Language>(i);
    if (candidate != guess && snapshot.languages()[i] * 20U > snapshot.live_documents()) {
      candidates.push_back(candidate);
    }
  }
  std::vector<Token> chosen;
  float best = -1;
  for (const Language candidate : candidates) {
    std::vector<Token> tokens = analyzer.tokens(words, candidate);
    float known = 0;
    if (candidates.size() > 1) {
      for (const Token& token : tokens) {
        known += find_term(snapshot, token.term).frequency > 0 ? 1.0F : 0.0F;
      }
      known /= static_cast<float>(std::max<std::size_t>(1, tokens.size()));
    }
    if (candidate == guess) known += 0.2F;
    if (known <= best) continue;
    best = known;
    chosen = std::move(tokens);
    language = candidate;
  }
  return chosen;
}

void spell(QueryWord& word, const Snapshot& snapshot, const Parameters& parameters) {
  const std::vector<NearWord> near =
      near_words(snapshot, word.word, parameters.spelling_candidates);
  if (near.empty()) return;
  float sum = 0;
  for (const NearWord& one : near) sum += one.likeness;
  std::uint32_t commonest = 0;
  for (const NearWord& one : near) {
    word.spellings.push_back({one.term, parameters.spelling_weight * one.likeness / sum});
    commonest = std::max(commonest, one.frequency);
  }
  word.rarity = inverse_frequency(snapshot, commonest);
}

}  // namespace

std::vector<WeightedTerm> QueryWords::weighted() const {
  std::vector<WeightedTerm> all;
  for (const QueryWord& word : words) {
    if (word.frequency > 0) all.push_back({word.term, word.weight});
    for (const WeightedTerm& spelling : word.spellings) {
      all.push_back({spelling.term, spelling.weight * word.weight});
    }
  }
  return all;
}

QueryWords understand(std::string_view text, const Snapshot& snapshot, const Analyzer& analyzer,
                      const Parameters& parameters) {
  QueryWords query;
  std::optional<std::size_t> before;
  const auto follow = [&](std::size_t at) {
    if (before && *before != at) query.pairs.emplace_back(*before, at);
    before = at;
  };
  for (Token& token : query_tokens(text, snapshot, analyzer, query.language)) {
    const auto known = std::find_if(query.words.begin(), query.words.end(),
                                    [&](const QueryWord& word) { return word.term == token.term; });
    if (known != query.words.end()) {
      known->weight += 1;
      follow(static_cast<std::size_t>(known - query.words.begin()));
      continue;
    }
    follow(query.words.size());
    query.words.push_back({std::move(token.word), std::move(token.term)});
  }
  std::sort(query.pairs.begin(), query.pairs.end());
  query.pairs.erase(std::unique(query.pairs.begin(), query.pairs.end()), query.pairs.end());
  for (QueryWord& word : query.words) {
    word.weight = word.weight * (parameters.k3 + 1) / (word.weight + parameters.k3);
    word.frequency = find_term(snapshot, word.term).frequency;
    word.rarity = inverse_frequency(snapshot, word.frequency);
    if (word.frequency == 0) spell(word, snapshot, parameters);
  }
  return query;
}

}  // namespace serai::retrieval
