// Documents come, change and go; what is found is as if the index had been built just now.
#include "retrieval/index.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/search.hpp"

namespace serai::retrieval {
namespace {

const Analyzer& analyzer() {
  static const Analyzer made;
  return made;
}

std::vector<Hit> ask(const Index& index, const std::string& text, Filter filter = {},
                     std::size_t k = 50) {
  Query query;
  query.text = text;
  query.k = k;
  query.filter = std::move(filter);
  return Searcher(index.snapshot(), analyzer()).search(query);
}

void expect_same(const std::vector<Hit>& a, const std::vector<Hit>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].document, b[i].document) << i;
    EXPECT_EQ(a[i].chunk, b[i].chunk) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i;
    EXPECT_EQ(a[i].signals, b[i].signals) << i;
  }
}

std::vector<std::string> some_queries() {
  std::mt19937 random(99);
  std::vector<std::string> queries;
  for (int i = 0; i < 30; ++i) queries.push_back(test::random_text(random, 1 + random() % 6));
  queries.emplace_back("bartka corvbi");  // mistyped
  return queries;
}

TEST(Index, finds_nothing_when_empty) {
  const Index index(analyzer());
  EXPECT_TRUE(ask(index, "anything").empty());
}

TEST(Index, ranks_after_many_changes_as_one_built_from_scratch) {
  std::mt19937 random(5);
  Index index(analyzer());
  std::map<std::string, Document> truth;
  for (int step = 0; step < 600; ++step) {
    const std::string id = "d" + std::to_string(random() % 120);
    if (random() % 4 == 0) {
      EXPECT_EQ(index.remove(id), truth.erase(id) == 1);
    } else {
      truth[id] = test::random_document(random, id);
      index.put(truth[id]);
    }
    if (step % 97 == 0) index.maintain();
    if (step % 150 != 149) continue;
    Index fresh(analyzer());
    std::vector<Document> all;
    for (const auto& [key, document] : truth) all.push_back(document);
    fresh.put(all);
    EXPECT_EQ(index.snapshot()->live_documents(), truth.size());
    for (const std::string& query : some_queries()) {
      expect_same(ask(index, query), ask(fresh, query));
    }
  }
}

TEST(Index, keeps_the_ranking_through_compaction) {
  Index index(analyzer());
  const auto documents = test::random_documents(8, 90);
  for (const Document& document : documents) index.put(document);
  for (int i = 0; i < 90; i += 3) index.remove("d" + std::to_string(i));
  std::vector<std::vector<Hit>> before;
  for (const std::string& query : some_queries()) before.push_back(ask(index, query));
  index.compact();
  EXPECT_EQ(index.snapshot()->parts().size(), 1U);
  EXPECT_FALSE(index.snapshot()->parts()[0].dead);
  std::size_t i = 0;
  for (const std::string& query : some_queries()) expect_same(ask(index, query), before[i++]);
}

TEST(Index, merges_until_few_segments_are_left) {
  Index index(analyzer());
  for (const Document& document : test::random_documents(9, 700)) index.put(document);
  while (index.maintain()) {
  }
  EXPECT_LT(index.snapshot()->parts().size(), 40U);
  EXPECT_EQ(index.snapshot()->live_documents(), 700U);
}

TEST(Index, takes_the_last_of_two_documents_with_one_id) {
  Index index(analyzer());
  index.put(
      std::vector<Document>{{"d", "", "", {{"c", "older"}}}, {"d", "", "", {{"c", "newer"}}}});
  EXPECT_TRUE(ask(index, "older").empty());
  EXPECT_EQ(ask(index, "newer").size(), 1U);
}

TEST(Index, leaves_a_snapshot_as_it_was) {
  Index index(analyzer());
  index.put({"d", "", "", {{"c", "harbour"}}});
  const auto snapshot = index.snapshot();
  index.remove("d");
  Query query;
  query.text = "harbour";
  EXPECT_EQ(Searcher(snapshot, analyzer()).search(query).size(), 1U);
  EXPECT_TRUE(ask(index, "harbour").empty());
}

// A table of segments as the owner keeps it.
class Storage {
 public:
  void follow(const Index& index) {
    const auto now = index.snapshot();
    const StorageChange change = storage_change(*stored_, *now);
    for (const StoredSegment& row : change.insert) {
      EXPECT_TRUE(rows_.emplace(row.id, row).second) << "inserted twice";
    }
    for (const StoredSegment& row : change.update) rows_.at(row.id).tombstones = row.tombstones;
    for (const std::string& id : change.remove) EXPECT_EQ(rows_.erase(id), 1U);
    stored_ = now;
  }
  std::vector<StoredSegment> rows() const {
    std::vector<StoredSegment> out;
    for (const auto& [id, row] : rows_) out.push_back(row);
    return out;
  }

 private:
  std::shared_ptr<const Snapshot> stored_ = std::make_shared<Snapshot>();
  std::map<std::string, StoredSegment> rows_;
};

TEST(Index, comes_back_from_what_its_owner_stored) {
  std::mt19937 random(6);
  Index index(analyzer());
  Storage storage;
  for (int step = 0; step < 300; ++step) {
    const std::string id = "d" + std::to_string(random() % 60);
    if (random() % 4 == 0) {
      index.remove(id);
    } else {
      index.put(test::random_document(random, id));
    }
    if (step % 50 == 0) index.compact();
    storage.follow(index);
  }
  Index loaded(analyzer());
  std::string error;
  ASSERT_TRUE(loaded.load(storage.rows(), &error)) << error;
  for (const std::string& query : some_queries())
    expect_same(ask(loaded, query), ask(index, query));
}

TEST(Index, stores_a_document_put_twice_unchanged) {
  Index index(analyzer());
  Storage storage;
  const Document document{"d", "", "", {{"c", "harbour"}}};
  index.put(document);
  storage.follow(index);
  index.put(document);
  storage.follow(index);
  Index loaded(analyzer());
  ASSERT_TRUE(loaded.load(storage.rows()));
  EXPECT_EQ(ask(loaded, "harbour").size(), 1U);
}

TEST(Index, loads_all_or_nothing) {
  Index index(analyzer());
  index.put({"kept", "", "", {{"c", "harbour"}}});
  Index other(analyzer());
  other.put({"new", "", "", {{"c", "mountain"}}});
  std::vector<StoredSegment> rows = storage_change(Snapshot(), *other.snapshot()).insert;
  rows.push_back({"x", "not a segment", ""});
  std::string error;
  EXPECT_FALSE(index.load(rows, &error));
  EXPECT_FALSE(error.empty());
  EXPECT_EQ(ask(index, "harbour").size(), 1U);
  rows.pop_back();
  rows[0].tombstones = "not tombstones";
  EXPECT_FALSE(index.load(rows, &error));
}

TEST(Index, goes_back_to_an_earlier_snapshot) {
  Index index(analyzer());
  index.put({"a", "", "", {{"c", "harbour"}}});
  const auto before = index.snapshot();
  index.put({"b", "", "", {{"c", "harbour"}}});
  index.remove("a");
  index.restore(before);
  const auto hits = ask(index, "harbour");
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].document, "a");
}

TEST(Index, counts_the_memory_it_holds) {
  Index index(analyzer());
  const std::size_t empty = index.memory_bytes();
  index.put(test::random_documents(3, 50));
  EXPECT_GT(index.memory_bytes(), empty + index.snapshot()->parts()[0].segment->bytes().size());
}

}  // namespace
}  // namespace serai::retrieval
