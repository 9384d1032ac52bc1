// Small made-up corpora for the tests of this folder.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "retrieval/types.hpp"

namespace serai::retrieval::test {

inline const std::vector<std::string>& vocabulary() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> made;
    for (const char* first :
         {"bar", "cor", "dul", "fen", "gom", "hal", "kir", "lop", "mun", "nor"}) {
      for (const char* second : {"tak", "vib", "zon", "pux", "rid", "lum", "gab", "fod"}) {
        made.push_back(std::string(first) + second);
      }
    }
    return made;
  }();
  return words;
}

// Words drawn with a bias to the first ones.
inline std::string random_text(std::mt19937& random, std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    const std::size_t a = random() % vocabulary().size();
    const std::size_t b = random() % vocabulary().size();
    text += vocabulary()[std::min(a, b)] + ' ';
  }
  return text;
}

inline Document random_document(std::mt19937& random, const std::string& id) {
  Document document{
      id, random() % 2 == 0 ? "red" : "blue", random() % 3 == 0 ? "staff" : "all", {}};
  const std::size_t chunks = 1 + random() % 3;
  for (std::size_t c = 0; c < chunks; ++c) {
    document.chunks.push_back({"c" + std::to_string(c), random_text(random, 3 + random() % 20)});
  }
  return document;
}

inline std::vector<Document> random_documents(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<Document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    documents.push_back(random_document(random, "d" + std::to_string(i)));
  }
  return documents;
}

}  // namespace serai::retrieval::test
