// See ngrams.hpp.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>

#include "baseline.hpp"
#include "engine.hpp"
#include "ngrams.hpp"

namespace bench {
namespace {

// Of reciprocal rank fusion: small, since rankings of unlike quality must not outvote a clear
// first.
constexpr float kFusionConstant = 3.0F;

// Of nDCG, summed over the queries as they are and mistyped.
struct Sums {
  double clean = 0;
  double mistyped = 0;
};

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

void compare_ngrams(const Collection& collection, bool vectors,
                    const serai::retrieval::Parameters& parameters) {
  constexpr std::size_t kMost = 400;
  constexpr std::size_t kDepth = 100;
  constexpr std::size_t kLengths[] = {3, 4, 5};
  constexpr float kWeights[] = {0.3F, 0.6F, 1.0F};
  serai::retrieval::Parameters plain = parameters;
  plain.spelling_candidates = 0;
  std::map<std::string, Sums> sums;
  std::map<std::string, std::vector<double>> times;
  std::size_t done = 0;
  std::size_t postings[std::size(kLengths)] = {};
  const auto timed = [&](const std::string& name, auto search) {
    const auto start = std::chrono::steady_clock::now();
    auto found = search();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    times[name].push_back(took.count());
    return found;
  };
  for (const auto& [tenant, corpus] : collection.tenants) {
    if (corpus.documents.empty() || done >= kMost) continue;
    Baseline base(corpus);
    const Engine engine(corpus, vectors, parameters);
    const Engine unspelt(corpus, vectors, plain);
    std::vector<std::unique_ptr<NGrams>> ngrams;
    for (std::size_t i = 0; i < std::size(kLengths); ++i) {
      ngrams.push_back(std::make_unique<NGrams>(corpus, kLengths[i]));
      postings[i] += ngrams.back()->postings();
    }
    for (std::size_t i = 0; i < corpus.queries.size() && done < kMost; ++i) {
      const auto gains = collection.gains.find(corpus.queries[i].id);
      if (gains == collection.gains.end()) continue;
      ++done;
      for (const bool spoilt : {false, true}) {
        const std::string text =
            spoilt ? mistype(corpus.queries[i].text, kMistyped, kSeed + i) : corpus.queries[i].text;
        const auto add = [&](const std::string& name, const std::vector<std::string>& found) {
          Sums& sum = sums[name];
          (spoilt ? sum.mistyped : sum.clean) += ndcg(found, gains->second);
        };
        add("fts5", base.search(text));
        add("spelling", timed("spelling", [&] { return engine.search(text); }));
        add("neither", timed("neither", [&] { return unspelt.search(text); }));
        const auto words = unspelt.search(text, kDepth);
        const auto both = engine.search(text, kDepth);
        for (std::size_t n = 0; n < std::size(kLengths); ++n) {
          const std::string name = "n=" + std::to_string(kLengths[n]);
          const auto near = timed(name, [&] { return ngrams[n]->search(text, kDepth); });
          for (const float weight : kWeights) {
            const std::string weighted = name + " w=" + std::to_string(weight).substr(0, 3);
            add(weighted, fused(words, near, weight, kFusionConstant));
            add(weighted + " and spelling", fused(both, near, weight, kFusionConstant));
          }
        }
      }
    }
  }
  const Sums base = sums["fts5"];
  std::printf("%s: %zu queries, FTS5 %.4f clean, %.4f mistyped\n", collection.name.c_str(), done,
              base.clean / static_cast<double>(done), base.mistyped / static_cast<double>(done));
  for (const auto& [name, sum] : sums) {
    std::printf("  %-22s %.3f / %.3f\n", name.c_str(), sum.clean / base.clean,
                sum.mistyped / base.mistyped);
  }
  for (auto& [name, list] : times) {
    std::sort(list.begin(), list.end());
    std::printf("  time of %-12s p50 %.2f ms, p95 %.2f ms\n", name.c_str(), quantile(list, 0.5),
                quantile(list, 0.95));
  }
  for (std::size_t i = 0; i < std::size(kLengths); ++i) {
    std::printf("  n=%zu: %zu postings\n", kLengths[i], postings[i]);
  }
  std::fflush(stdout);
}

}  // namespace bench
