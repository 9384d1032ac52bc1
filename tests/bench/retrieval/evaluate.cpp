// Measures the retrieval engine on collections in BEIR form against FTS5: nDCG@10 with clean and
// with mistyped queries, and latency. Not a test: nothing here passes or fails.
//
//   retrieval_evaluate [--no-vectors] [--set name=value]... FOLDER...
//   retrieval_evaluate --compare a=1,b=2 --compare a=2 FOLDER...    ratios for several settings
//   retrieval_evaluate --evidence FOLDER...    what Hit::score says with and without an answer
//   retrieval_evaluate --ngrams FOLDER...      edit distance against n-grams for typing errors
//   retrieval_evaluate --latency [CHUNKS]      synthetic Zipf text, 100,000 chunks by default
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "baseline.hpp"
#include "collection.hpp"
#include "engine.hpp"
#include "ngrams.hpp"

namespace bench {
namespace {

using serai::retrieval::Parameters;

void set(Parameters& p, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos) throw std::runtime_error("name=value expected: " + setting);
  const std::string name = setting.substr(0, equals);
  const float value = std::stof(setting.substr(equals + 1));
  const std::vector<std::pair<std::string, std::function<void()>>> known = {
      {"k1", [&] { p.k1 = value; }},
      {"b", [&] { p.b = value; }},
      {"k3", [&] { p.k3 = value; }},
      {"depth", [&] { p.depth = static_cast<std::size_t>(value); }},
      {"proximity_weight", [&] { p.proximity_weight = value; }},
      {"spelling_weight", [&] { p.spelling_weight = value; }},
      {"spelling_candidates", [&] { p.spelling_candidates = static_cast<std::size_t>(value); }},
      {"pair_weight", [&] { p.pair_weight = value; }},
      {"start_weight", [&] { p.start_weight = value; }},
      {"latent_weight", [&] { p.latent_weight = value; }},
      {"words_weight", [&] { p.words_weight = value; }},
      {"vector_weight", [&] { p.vector_weight = value; }}};
  for (const auto& [key, apply] : known) {
    if (key != name) continue;
    apply();
    return;
  }
  throw std::runtime_error("unknown parameter " + name);
}

struct Measured {
  double baseline = 0;
  double engine = 0;
};

struct Result {
  Measured clean;
  Measured mistyped;
  std::size_t queries = 0;
  std::size_t documents = 0;
  std::vector<double> milliseconds;
};

Result measure(const Collection& collection, bool vectors, const Parameters& parameters) {
  Result result;
  for (const auto& [tenant, corpus] : collection.tenants) {
    if (corpus.documents.empty()) continue;
    Baseline baseline(corpus);
    const Engine engine(corpus, vectors, parameters);
    result.documents += corpus.documents.size();
    for (std::size_t i = 0; i < corpus.queries.size(); ++i) {
      const Text& query = corpus.queries[i];
      const auto gains = collection.gains.find(query.id);
      if (gains == collection.gains.end()) continue;
      ++result.queries;
      const auto add = [&](const std::string& text, Measured& sums) {
        sums.baseline += ndcg(baseline.search(text), gains->second);
        const auto start = std::chrono::steady_clock::now();
        const std::vector<std::string> found = engine.search(text);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        result.milliseconds.push_back(took.count());
        sums.engine += ndcg(found, gains->second);
      };
      add(query.text, result.clean);
      add(mistype(query.text, kMistyped, kSeed + i), result.mistyped);
    }
  }
  const double n = static_cast<double>(std::max<std::size_t>(1, result.queries));
  for (double* sum : {&result.clean.baseline, &result.clean.engine, &result.mistyped.baseline,
                      &result.mistyped.engine}) {
    *sum /= n;
  }
  std::sort(result.milliseconds.begin(), result.milliseconds.end());
  return result;
}

double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void print_row(const std::string& name, const Result& r) {
  std::printf("%-22s %6zu %5zu  %.4f %.4f %6.3f   %.4f %.4f %6.3f   %6.2f %6.2f\n", name.c_str(),
              r.documents, r.queries, r.clean.baseline, r.clean.engine,
              r.clean.engine / std::max(1e-9, r.clean.baseline), r.mistyped.baseline,
              r.mistyped.engine, r.mistyped.engine / std::max(1e-9, r.mistyped.baseline),
              quantile(r.milliseconds, 0.5), quantile(r.milliseconds, 0.95));
  std::fflush(stdout);
}

// For every collection: the first hit's score for its own queries, split by whether that hit is
// right, and for the queries of the next collection, to which nothing here is an answer.
void measure_evidence(const std::vector<Collection>& collections, bool vectors,
                      const Parameters& parameters) {
  std::vector<float> right;
  std::vector<float> wrong;
  std::vector<float> foreign;
  for (std::size_t c = 0; c < collections.size(); ++c) {
    const auto& corpus = collections[c].tenants.begin()->second;
    const Engine engine(corpus, vectors, parameters);
    for (const Text& query : corpus.queries) {
      const auto gains = collections[c].gains.find(query.id);
      if (gains == collections[c].gains.end()) continue;
      const auto [id, score] = engine.first(query.text);
      (gains->second.contains(id) ? right : wrong).push_back(score);
    }
    const auto& other = collections[(c + 1) % collections.size()].tenants.begin()->second;
    for (const Text& query : other.queries) foreign.push_back(engine.first(query.text).second);
  }
  std::printf("%-10s %10s %10s %10s\n", "score >=", "right", "own wrong", "foreign");
  for (int step = 0; step <= 20; ++step) {
    const float limit = static_cast<float>(step) * 0.05F;
    const auto share = [limit](const std::vector<float>& scores) {
      const auto n =
          std::count_if(scores.begin(), scores.end(), [=](float s) { return s >= limit; });
      return scores.empty() ? 0.0
                            : 100.0 * static_cast<double>(n) / static_cast<double>(scores.size());
    };
    std::printf("%-10.2f %9.1f%% %9.1f%% %9.1f%%\n", static_cast<double>(limit), share(right),
                share(wrong), share(foreign));
  }
}

// Ratios to the baseline, clean/mistyped, one column for each setting. Takes the first 400 queries.
void compare(const Collection& collection, bool vectors, const std::vector<Parameters>& settings) {
  constexpr std::size_t kMost = 400;
  double baseline[2] = {};
  std::vector<double> sums[2] = {std::vector<double>(settings.size()),
                                 std::vector<double>(settings.size())};
  std::size_t done = 0;
  for (const auto& [tenant, corpus] : collection.tenants) {
    if (corpus.documents.empty() || done >= kMost) continue;
    Baseline base(corpus);
    Engine engine(corpus, vectors, settings.front());
    std::vector<std::pair<std::string, const Text*>> asked[2];
    const std::size_t before = done;
    for (std::size_t i = 0; i < corpus.queries.size() && done < kMost; ++i) {
      const Text& query = corpus.queries[i];
      if (!collection.gains.contains(query.id)) continue;
      ++done;
      asked[0].emplace_back(query.text, &query);
      asked[1].emplace_back(mistype(query.text, kMistyped, kSeed + i), &query);
    }
    if (done == before) continue;
    for (int spoilt = 0; spoilt < 2; ++spoilt) {
      for (const auto& [text, query] : asked[spoilt]) {
        baseline[spoilt] += ndcg(base.search(text), collection.gains.at(query->id));
      }
    }
    for (std::size_t s = 0; s < settings.size(); ++s) {
      engine.use(settings[s]);
      for (int spoilt = 0; spoilt < 2; ++spoilt) {
        for (const auto& [text, query] : asked[spoilt]) {
          sums[spoilt][s] += ndcg(engine.search(text), collection.gains.at(query->id));
        }
      }
    }
  }
  std::printf("%-20s %.4f %.4f", collection.name.c_str(), baseline[0] / static_cast<double>(done),
              baseline[1] / static_cast<double>(done));
  for (std::size_t s = 0; s < settings.size(); ++s) {
    std::printf("  %.3f/%.3f", sums[0][s] / baseline[0], sums[1][s] / baseline[1]);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int run(int count, char** arguments) {
  Parameters parameters;
  bool vectors = true;
  bool show_evidence = false;
  bool show_ngrams = false;
  std::vector<Parameters> settings;
  std::vector<Collection> collections;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--latency") {
      measure_latency(i + 1 < count ? std::stoul(arguments[i + 1]) : 100'000);
      return 0;
    }
    if (argument == "--no-vectors") {
      vectors = false;
    } else if (argument == "--evidence") {
      show_evidence = true;
    } else if (argument == "--ngrams") {
      show_ngrams = true;
    } else if (argument == "--compare" && i + 1 < count) {
      settings.push_back(parameters);
      std::istringstream list(arguments[++i]);
      for (std::string one; std::getline(list, one, ',');) set(settings.back(), one);
    } else if (argument == "--set" && i + 1 < count) {
      set(parameters, arguments[++i]);
    } else {
      collections.push_back(read_collection(argument));
    }
  }
  if (collections.empty()) throw std::runtime_error("name a folder with corpus.jsonl");
  if (show_ngrams) {
    for (const Collection& collection : collections) {
      compare_ngrams(collection, vectors, parameters);
    }
    return 0;
  }
  if (!settings.empty()) {
    for (const Collection& collection : collections) compare(collection, vectors, settings);
    return 0;
  }
  if (show_evidence) {
    measure_evidence(collections, vectors, parameters);
    return 0;
  }
  std::printf("%-22s %6s %5s  %-21s   %-21s   %s\n", "set", "docs", "query",
              "clean: fts5 ours ratio", "30% mistyped", "p50 p95 ms");
  Result mean;
  for (const Collection& collection : collections) {
    const Result result = measure(collection, vectors, parameters);
    print_row(collection.name, result);
    mean.clean.baseline += result.clean.baseline / static_cast<double>(collections.size());
    mean.clean.engine += result.clean.engine / static_cast<double>(collections.size());
    mean.mistyped.baseline += result.mistyped.baseline / static_cast<double>(collections.size());
    mean.mistyped.engine += result.mistyped.engine / static_cast<double>(collections.size());
  }
  print_row("mean", mean);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  try {
    return bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
