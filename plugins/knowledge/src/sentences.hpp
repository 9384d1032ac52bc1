// Sentences of a passage, and which of them speak of a query. Plain rules: ends of lines, and full
// stops before a capital.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "retrieval/analyzer.hpp"

namespace knowledge {

// Views into `text`, in order, without white space around them.
std::vector<std::string_view> split_sentences(std::string_view text);

std::size_t count_words(std::string_view text);

// At most `limit` sentences that share the most with the query, in the order of the text.
std::vector<std::string> best_sentences(std::string_view text, std::string_view query,
                                        const serai::retrieval::Analyzer& analyzer,
                                        std::size_t limit);

}  // namespace knowledge
