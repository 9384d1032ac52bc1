// See search.hpp.
#include "search.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "diversity.hpp"
#include "evidence.hpp"
#include "fusion.hpp"
#include "placement.hpp"
#include "query_words.hpp"
#include "scoring.hpp"

namespace serai::retrieval {
namespace {

// A chunk that is a candidate for the answer.
struct Candidate {
  Ordinal ordinal = 0;
  float fused = 0;
  float score = 0;
  std::uint8_t signals = 0;
};

// The chunk's distinct terms as hashes, so that chunks of different segments compare.
std::vector<std::uint64_t> term_set(const Snapshot& snapshot, Ordinal ordinal) {
  const Part& part = snapshot.part_of(ordinal);
  std::vector<std::uint32_t> sequence;
  part.segment->sequence(ordinal - part.base, sequence);
  std::sort(sequence.begin(), sequence.end());
  sequence.erase(std::unique(sequence.begin(), sequence.end()), sequence.end());
  std::vector<std::uint64_t> hashes;
  for (const std::uint32_t term : sequence) hashes.push_back(checksum(part.segment->terms()[term]));
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

float overlap(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++common;
      ++i;
      ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return static_cast<float>(common) /
         std::sqrt(static_cast<float>(a.size()) * static_cast<float>(b.size()));
}

std::vector<Candidate> diversified(const std::vector<Candidate>& candidates, const Query& query,
                                   const Snapshot& snapshot, const VectorFetch& fetch) {
  std::vector<std::vector<float>> vectors;
  for (const Candidate& candidate : candidates) {
    if (!fetch) break;
    vectors.push_back(fetch(std::string(snapshot.document_id(candidate.ordinal)),
                            std::string(snapshot.chunk_id(candidate.ordinal))));
    if (vectors.back().empty() || vectors.back().size() != vectors.front().size()) break;
  }
  const bool by_vectors = !candidates.empty() && vectors.size() == candidates.size() &&
                          !vectors.back().empty() &&
                          vectors.back().size() == vectors.front().size();
  std::vector<std::vector<std::uint64_t>> sets;
  if (!by_vectors) {
    for (const Candidate& candidate : candidates) {
      sets.push_back(term_set(snapshot, candidate.ordinal));
    }
  }
  std::vector<float> relevance;
  for (const Candidate& candidate : candidates) {
    relevance.push_back(candidate.fused / candidates.front().fused);
  }
  const auto similarity = [&](std::size_t a, std::size_t b) {
    if (!by_vectors) return overlap(sets[a], sets[b]);
    float sum = 0;
    for (std::size_t d = 0; d < vectors[a].size(); ++d) sum += vectors[a][d] * vectors[b][d];
    return std::max(0.0F, sum);
  };
  std::vector<Candidate> chosen;
  for (const std::size_t index : diversify(relevance, query.k, query.lambda, similarity)) {
    chosen.push_back(candidates[index]);
  }
  return chosen;
}

// A model that captures little of the corpus blurs it: measured, its ranking helps where it
// captures half and harms where it captures a quarter.
float trust(const LatentModel& model) {
  return std::min(1.0F, 3 * model.captured() * model.captured());
}

bool is_zero(const std::vector<float>& vector) {
  return std::all_of(vector.begin(), vector.end(), [](float x) { return x == 0; });
}

}  // namespace

Searcher::Searcher(std::shared_ptr<const Snapshot> snapshot, const Analyzer& analyzer,
                   VectorSource vectors, Parameters parameters)
    : snapshot_(std::move(snapshot)),
      analyzer_(analyzer),
      vectors_(std::move(vectors)),
      parameters_(parameters) {}

std::vector<Hit> Searcher::search(const Query& query) const {
  const Snapshot& snapshot = *snapshot_;
  if (query.k == 0 || snapshot.live_chunks() == 0) return {};
  const std::size_t fetch_k = std::max(query.k, query.fetch_k);
  const std::size_t depth = std::max(parameters_.depth, fetch_k);
  const QueryWords words = understand(query.text, snapshot, analyzer_, parameters_);
  const std::vector<WeightedTerm> terms = words.weighted();
  const Allowed allowed(snapshot, query.filter);

  std::vector<Ranking> rankings;
  if (!terms.empty()) {
    const Scorer scorer(snapshot, parameters_);
    std::vector<float> scores(snapshot.slots(), 0.0F);
    for (const WeightedTerm& term : terms) scorer.add(term, scores);
    std::vector<Ranked> ranked = best(snapshot, scores, allowed, depth);
    add_placement(ranked, words, snapshot, scorer, parameters_);
    rankings.push_back({std::move(ranked), parameters_.words_weight});
  }

  std::unordered_map<Ordinal, float> cosines;
  std::vector<float> vector = query.vector;
  const bool own = vector.empty() && vectors_.model != nullptr;
  if (own) vector = vectors_.model->project(terms);
  if (vectors_.search && !vector.empty() && !is_zero(vector)) {
    Ranking near{
        {}, own ? parameters_.latent_weight * trust(*vectors_.model) : parameters_.vector_weight};
    const std::vector<ScoredChunk> found = vectors_.search(vector, depth, query.filter);
    // What stands below the end of a full list is no farther away than its last.
    if (found.size() >= depth) near.zero = std::max(0.0F, found.back().score);
    for (const ScoredChunk& one : found) {
      // The callback's word is not taken for it: what is gone or forbidden stays out.
      const auto ordinal = snapshot.find(one.document, one.chunk);
      if (!ordinal || !allowed(*ordinal) || one.score <= 0) continue;
      if (cosines.emplace(*ordinal, one.score).second) near.ranked.push_back({*ordinal, one.score});
    }
    rankings.push_back(std::move(near));
  }

  std::vector<Candidate> candidates;
  for (const Ranked& fused : fuse(rankings, snapshot)) {
    if (candidates.size() == fetch_k) break;
    const auto cosine = cosines.find(fused.ordinal);
    const Evidence found =
        evidence(words, snapshot, fused.ordinal, cosine == cosines.end() ? 0.0F : cosine->second);
    if (found.score < query.min_score) continue;
    Candidate candidate{fused.ordinal, fused.score, found.score, 0};
    if (found.words) candidate.signals |= kWordSignal;
    if (found.spelling) candidate.signals |= kSpellingSignal;
    if (cosine != cosines.end()) candidate.signals |= kVectorSignal;
    candidates.push_back(candidate);
  }
  if (query.use_mmr) {
    candidates = diversified(candidates, query, snapshot, vectors_.fetch);
  } else if (candidates.size() > query.k) {
    candidates.resize(query.k);
  }
  std::vector<Hit> hits;
  for (const Candidate& candidate : candidates) {
    hits.push_back({std::string(snapshot.document_id(candidate.ordinal)),
                    std::string(snapshot.chunk_id(candidate.ordinal)), candidate.score,
                    candidate.signals});
  }
  return hits;
}

}  // namespace serai::retrieval
