// What the engine is measured against: SQLite's FTS5 in memory, porter stemmer over unicode61, its
// own bm25(), the query's words without stop words joined by OR. Used by evaluate.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collection.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace bench {

class Baseline {
 public:
  explicit Baseline(const Corpus& corpus);
  ~Baseline();
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;

  // Ids of the first ten.
  std::vector<std::string> search(const std::string& query);

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
};

}  // namespace bench
