// See engine.hpp. The synthetic text has Zipf's distribution over made-up words, without stop
// words, which is harder than real text: its commonest words are in nearly every chunk and are
// searched.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

#include "engine.hpp"
#include "retrieval/latent.hpp"

namespace bench {

using namespace serai::retrieval;

namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::vector<std::string> make_words(std::size_t count, std::mt19937_64& random) {
  static constexpr std::string_view kConsonants = "bcdfghklmnprstvwz";
  static constexpr std::string_view kVowels = "aeiou";
  std::vector<std::string> words;
  for (std::size_t i = 0; i < count; ++i) {
    std::string word;
    for (std::size_t syllable = 0; syllable < 2 + random() % 3; ++syllable) {
      word += kConsonants[random() % kConsonants.size()];
      word += kVowels[random() % kVowels.size()];
    }
    words.push_back(word + kConsonants[random() % kConsonants.size()]);
  }
  return words;
}

// Draws ranks with probability proportional to 1 / (rank + 2.7).
class Zipf {
 public:
  explicit Zipf(std::size_t size) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      sum += 1 / (static_cast<double>(i) + 2.7);
      cumulative_.push_back(sum);
    }
  }
  std::size_t operator()(std::mt19937_64& random) const {
    const double at = static_cast<double>(random() >> 11) * 0x1.0p-53 * cumulative_.back();
    return static_cast<std::size_t>(std::lower_bound(cumulative_.begin(), cumulative_.end(), at) -
                                    cumulative_.begin());
  }

 private:
  std::vector<double> cumulative_;
};

void report(const char* name, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-34s p50 %6.2f ms  p95 %6.2f ms  max %6.2f ms\n", name, times[times.size() / 2],
              times[times.size() * 95 / 100], times.back());
}

}  // namespace

Engine::Engine(const Corpus& corpus, bool vectors, const Parameters& parameters) {
  index_ = std::make_unique<Index>(analyzer_);
  std::vector<Document> documents;
  for (const Text& text : corpus.documents)
    documents.push_back({text.id, "", "", {{"0", text.text}}});
  index_->put(documents);
  const auto snapshot = index_->snapshot();
  if (vectors) source_.model = LatentModel::train(*snapshot);
  if (source_.model) {
    vectors_ = std::make_unique<ExactVectors>(source_.model->dimensions());
    for (const Document& document : documents) {
      const auto ordinal = snapshot->find(document.id, "0");
      if (ordinal) vectors_->put(document, 0, source_.model->project(*snapshot, *ordinal));
    }
    source_.search = [this](std::span<const float> query, std::size_t k, const Filter& filter) {
      return vectors_->search(query, k, filter);
    };
  }
  use(parameters);
}

void Engine::use(const Parameters& parameters) {
  searcher_ = std::make_unique<Searcher>(index_->snapshot(), analyzer_, source_, parameters);
}

std::vector<std::string> Engine::search(const std::string& query, std::size_t k) const {
  std::vector<std::string> ids;
  Query asked;
  asked.text = query;
  asked.k = k;
  for (const Hit& hit : searcher_->search(asked)) ids.push_back(hit.document);
  return ids;
}

std::pair<std::string, float> Engine::first(const std::string& query) const {
  Query asked;
  asked.text = query;
  const std::vector<Hit> hits = searcher_->search(asked);
  if (hits.empty()) return {"", 0.0F};
  return {hits.front().document, hits.front().score};
}

void measure_latency(std::size_t chunks) {
  std::mt19937_64 random(1);
  const std::vector<std::string> words = make_words(80'000, random);
  const Zipf zipf(words.size());
  const auto text = [&](std::size_t length) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out += words[zipf(random)] + ' ';
    return out;
  };
  std::vector<Document> documents;
  for (std::size_t i = 0; i < chunks; i += 10) {
    Document document{"d" + std::to_string(i), i % 3 == 0 ? "a" : "b", "all", {}};
    for (std::size_t c = 0; c < 10; ++c) {
      document.chunks.push_back({std::to_string(c), text(60 + random() % 60)});
    }
    documents.push_back(std::move(document));
  }
  const Analyzer analyzer;
  Index index(analyzer);
  double start = now_ms();
  constexpr std::size_t kBatch = 100;
  for (std::size_t i = 0; i < documents.size(); i += kBatch) {
    index.put(std::span(documents).subspan(i, std::min(kBatch, documents.size() - i)));
  }
  std::printf("indexing %zu chunks: %.0f ms, %zu segments\n", chunks, now_ms() - start,
              index.snapshot()->parts().size());
  start = now_ms();
  std::size_t merges = 0;
  while (index.maintain()) ++merges;
  std::printf("%zu merges: %.0f ms, %zu segments, %.1f MiB\n", merges, now_ms() - start,
              index.snapshot()->parts().size(),
              static_cast<double>(index.memory_bytes()) / 1048576);
  std::vector<StoredSegment> stored = storage_change(Snapshot(), *index.snapshot()).insert;
  start = now_ms();
  Index loaded(analyzer);
  if (!loaded.load(std::move(stored))) std::printf("LOAD FAILED\n");
  std::printf("loading: %.0f ms\n", now_ms() - start);
  const auto snapshot = loaded.snapshot();
  start = now_ms();
  const auto model = LatentModel::train(*snapshot);
  if (!model) return;
  std::printf("training: %.0f ms, %zu dimensions, %.1f MiB\n", now_ms() - start,
              model->dimensions(), static_cast<double>(model->memory_bytes()) / 1048576);
  start = now_ms();
  const float drift = model->drift(*snapshot);
  std::printf("drift %.3f: %.1f ms\n", static_cast<double>(drift), now_ms() - start);
  ExactVectors vectors(model->dimensions());
  start = now_ms();
  for (const Document& document : documents) {
    for (std::size_t c = 0; c < document.chunks.size(); ++c) {
      const auto ordinal = snapshot->find(document.id, document.chunks[c].id);
      vectors.put(document, c, model->project(*snapshot, *ordinal));
    }
  }
  std::printf("projecting all: %.0f ms\n", now_ms() - start);

  double inside = 0;
  VectorSource source;
  source.model = model;
  source.search = [&](std::span<const float> query, std::size_t k, const Filter& filter) {
    const double begin = now_ms();
    auto found = vectors.search(query, k, filter);
    inside = now_ms() - begin;
    return found;
  };
  const Searcher searcher(snapshot, analyzer, source);
  const auto run = [&](const char* name, double mistyped, bool filter, bool mmr) {
    std::vector<double> own;
    std::vector<double> all;
    for (std::size_t i = 0; i < 300; ++i) {
      Query query;
      query.text = mistype(text(3 + random() % 8), mistyped, i);
      query.use_mmr = mmr;
      if (filter) query.filter.categories = {{"a"}};
      inside = 0;
      const double begin = now_ms();
      searcher.search(query);
      all.push_back(now_ms() - begin);
      own.push_back(all.back() - inside);
    }
    report(name, own);
    report("  with exact vector scan", all);
  };
  run("clean", 0, false, false);
  run("30 % mistyped", 0.3, false, false);
  run("every word mistyped", 1, false, false);
  run("filtered", 0, true, false);
  run("diversified", 0, false, true);
}

}  // namespace bench
