// The other way to forgive typing errors, to measure against the engine's own (edit distance over
// the vocabulary): BM25 over the characters' n-grams of words, its ranking fused with that of the
// words by reciprocal rank. Used by evaluate.cpp only.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collection.hpp"
#include "retrieval/analyzer.hpp"
#include "retrieval/types.hpp"

namespace bench {

class NGrams {
 public:
  NGrams(const Corpus& corpus, std::size_t length);

  // Ids of the first `depth`.
  std::vector<std::string> search(const std::string& query, std::size_t depth) const;
  std::size_t postings() const { return postings_; }

 private:
  // "_word_" in pieces of `length_`; stop words are left out.
  std::unordered_map<std::string, std::uint32_t> pieces(const std::string& text) const;

  std::size_t length_;
  serai::retrieval::Analyzer analyzer_;
  std::vector<std::string> ids_;
  std::vector<float> lengths_;
  float average_ = 1;
  std::size_t postings_ = 0;
  std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> lists_;
};

// Reciprocal rank fusion, the second ranking with `weight`; the first ten.
std::vector<std::string> fused(const std::vector<std::string>& first,
                               const std::vector<std::string>& second, float weight,
                               float constant);

// Ratios to the baseline, clean/mistyped: the engine as it is; without its spelling; then without
// it but fused with n-grams of three lengths, each at three weights; and both together. Takes the
// first 400 queries.
void compare_ngrams(const Collection& collection, bool vectors,
                    const serai::retrieval::Parameters& parameters);

}  // namespace bench
