// Searches, writers and merges at once; worth running under the thread sanitizer.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/index.hpp"
#include "retrieval/latent.hpp"
#include "retrieval/search.hpp"

namespace serai::retrieval {
namespace {

TEST(Threads, search_whole_snapshots_while_documents_come_and_go) {
  const Analyzer analyzer;
  Index index(analyzer);
  // Every document has two chunks with one word; a search must see both or none.
  const auto pair = [](int i) {
    const std::string word = "pair" + test::vocabulary()[static_cast<std::size_t>(i) % 40];
    return Document{
        "p" + std::to_string(i), "", "", {{"1", word + " left"}, {"2", word + " right"}}};
  };
  for (int i = 0; i < 40; ++i) index.put(pair(i));
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::atomic<int> searches = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      std::mt19937 random(static_cast<unsigned>(r));
      while (!stop) {
        Query query;
        query.text = "pair" + test::vocabulary()[random() % 40];
        query.k = 1000;
        query.fetch_k = 1000;
        query.use_mmr = random() % 4 == 0;
        const auto snapshot = index.snapshot();
        std::size_t exact = 0;
        for (const Hit& hit : Searcher(snapshot, analyzer).search(query)) {
          exact += (hit.signals & kWordSignal) != 0 ? 1 : 0;
        }
        torn += exact % 2 == 0 ? 0 : 1;
        ++searches;
      }
    });
  }
  std::thread merger([&] {
    while (!stop) {
      if (!index.maintain()) index.compact();
    }
  });
  std::thread remover([&] {
    std::mt19937 random(50);
    for (int i = 0; i < 150; ++i) index.remove("p" + std::to_string(random() % 40));
  });
  for (int i = 0; i < 300; ++i) index.put(pair(i % 80));
  remover.join();
  while (searches < 30) std::this_thread::yield();
  stop = true;
  merger.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  for (int i = 40; i < 80; ++i) {
    EXPECT_TRUE(index.snapshot()->has_document("p" + std::to_string(i)));
  }
}

TEST(Threads, lose_no_document_to_a_merge) {
  const Analyzer analyzer;
  Index index(analyzer);
  std::atomic<bool> stop = false;
  std::thread merger([&] {
    while (!stop) index.compact();
  });
  for (const Document& document : test::random_documents(7, 250)) index.put(document);
  for (int i = 0; i < 250; i += 2) EXPECT_TRUE(index.remove("d" + std::to_string(i)));
  stop = true;
  merger.join();
  EXPECT_EQ(index.snapshot()->live_documents(), 125U);
  for (int i = 0; i < 250; ++i) {
    EXPECT_EQ(index.snapshot()->has_document("d" + std::to_string(i)), i % 2 == 1) << i;
  }
}

}  // namespace
}  // namespace serai::retrieval
