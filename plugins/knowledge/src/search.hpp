// One search for all doors: the routes, and the service other plugins call. Finds only what the
// caller may read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "search_index.hpp"

namespace knowledge {

struct SearchRequest {
  std::string query;
  std::int64_t k = 5;
  std::int64_t fetch_k = 0;  // 0: chosen
  double lambda = 0.7;
  bool mmr = false;
  double min_score = 0;
  std::string category, visibility;     // empty: any
  std::optional<std::string> document;  // only in this one
};

struct Passage {
  std::string document_id, title, filename, file_type, category, visibility;
  std::string chunk_id, heading, content;
  double score = 0;                    // evidence in (0, 1]
  std::vector<std::string> sentences;  // those that speak of the query, at most three
};

struct Found {
  std::vector<Passage> passages;  // best first
  double confidence = 0;          // the best score: that the documents speak of it at all
  std::string vectors;            // "provider", "latent" or "none": what meaning was compared by
};

Found search(const serai::Call& call, SearchIndex& index, const SearchRequest& request);

serai::Json to_json(const Passage& passage);

}  // namespace knowledge
