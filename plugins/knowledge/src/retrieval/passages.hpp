// The sentences of a chunk that answer a query best: what a helpdesk quotes without a language
// model. Sentence boundaries are ICU's, paragraph and line ends of lists included.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer.hpp"
#include "snapshot.hpp"

namespace serai::retrieval {

struct Passage {
  std::string text;
  std::size_t begin = 0;  // bytes [begin, end) of the chunk's text
  std::size_t end = 0;
  float score = 0;  // (0, 1]: the share of the query's meaning that the sentence holds
};

// At most `count` sentences, best first; none when no sentence holds a word of the query. A
// sentence that is itself a question brings the next one along: the answer follows it. The snapshot
// says how rare words are. Under a millisecond for chunks of a few kilobytes.
std::vector<Passage> passages(std::string_view query, std::string_view text,
                              const Snapshot& snapshot, const Analyzer& analyzer,
                              std::size_t count = 2);

}  // namespace serai::retrieval
