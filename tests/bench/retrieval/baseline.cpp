// See baseline.hpp.
#include "baseline.hpp"

#include <algorithm>
#include <stdexcept>

#include <sqlite3.h>

#include "retrieval/analyzer.hpp"

namespace bench {
namespace {

void run(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database));
  }
}

sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database));
  }
  return statement;
}

}  // namespace

Baseline::Baseline(const Corpus& corpus) {
  if (sqlite3_open(":memory:", &database_) != SQLITE_OK) throw std::runtime_error("no SQLite");
  run(database_,
      "CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, body, tokenize='porter unicode61'); BEGIN");
  sqlite3_stmt* insert = prepare(database_, "INSERT INTO t(id, body) VALUES(?, ?)");
  for (const Text& document : corpus.documents) {
    sqlite3_bind_text(insert, 1, document.id.c_str(), -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, document.text.c_str(), -1, SQLITE_STATIC);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  run(database_, "COMMIT");
  select_ = prepare(database_, "SELECT id FROM t WHERE t MATCH ? ORDER BY bm25(t), rowid LIMIT 10");
}

Baseline::~Baseline() {
  sqlite3_finalize(select_);
  sqlite3_close(database_);
}

std::vector<std::string> Baseline::search(const std::string& query) {
  static const serai::retrieval::Analyzer analyzer;
  std::vector<std::string> words;
  for (const std::string& word : analyzer.words(query)) {
    if (serai::retrieval::is_stop_word(word, serai::retrieval::Language::english)) continue;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  std::string match;
  for (const std::string& word : words) match += (match.empty() ? "\"" : " OR \"") + word + "\"";
  std::vector<std::string> found;
  if (match.empty()) return found;
  sqlite3_bind_text(select_, 1, match.c_str(), -1, SQLITE_TRANSIENT);
  while (sqlite3_step(select_) == SQLITE_ROW) {
    found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(select_, 0)));
  }
  sqlite3_reset(select_);
  return found;
}

}  // namespace bench
