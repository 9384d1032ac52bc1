// The words of an index nearest to a word it does not know. One pass over every segment's word
// list: a 32-bit letter set rules out nearly all words before a distance is computed, which at
// 100,000 words costs well under a millisecond and needs no second index.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshot.hpp"

namespace serai::retrieval {

struct NearWord {
  std::string word;
  std::string term;
  unsigned distance = 0;
  float likeness = 0;  // (0, 1): by distance, length, shared ends; ranks candidates of a distance
  std::uint32_t frequency = 0;  // chunks that hold the term
};

// The most likely `count` words, best first. Words of two letters or fewer have none.
std::vector<NearWord> near_words(const Snapshot& snapshot, std::string_view word,
                                 std::size_t count);

}  // namespace serai::retrieval
