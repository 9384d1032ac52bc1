// A piece of a document that speaks of the question, as knowledge.search/1 found it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace helpdesk {

struct Passage {
  std::string document_id, title, filename, heading, content;
  std::vector<std::string> sentences;  // the best for the question
  double score = 0;
  bool is_private = false;
};

// At most `size` bytes of UTF-8, the mark of omission included: cut between words where there are
// words, and never within a character.
std::string shortened(std::string_view text, std::size_t size);

// What is shown of a passage: its best sentences, or its beginning.
std::string excerpt(const Passage& passage);

}  // namespace helpdesk
