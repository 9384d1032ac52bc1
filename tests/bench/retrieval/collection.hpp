// A test collection in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), its queries mistyped on
// wish, and the measure taken on it. Used by the programs of this folder only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace bench {

struct Text {
  std::string id;
  std::string text;
};

// One searchable whole; a collection with a `tenant` field has one for each tenant.
struct Corpus {
  std::vector<Text> documents;
  std::vector<Text> queries;
};

struct Collection {
  std::string name;
  std::map<std::string, Corpus> tenants;
  std::unordered_map<std::string, std::unordered_map<std::string, double>>
      gains;  // query, document
};

Collection read_collection(const std::filesystem::path& folder);

// What "mistyped" means in all figures.
inline constexpr double kMistyped = 0.3;
inline constexpr std::uint64_t kSeed = 20250101;

// Swaps, drops, doubles or replaces (by a neighbouring key) one letter in about `share` of the
// words of three letters or more. The same seed gives the same mistakes.
std::string mistype(const std::string& query, double share, std::uint64_t seed);

// Normalised discounted cumulative gain of the first ten.
double ndcg(const std::vector<std::string>& found,
            const std::unordered_map<std::string, double>& gains);

}  // namespace bench
