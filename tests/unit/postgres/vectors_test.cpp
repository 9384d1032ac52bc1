// The indexes of several nodes follow one database by its change numbers.
#include "storage/vectors.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "unit/postgres/house.hpp"

namespace host::storage::testing {
namespace {

constexpr std::size_t kDimension = 16;

class VectorsOfNodes : public ::testing::Test {
 protected:
  std::vector<float> random_vectors(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> all(count * kDimension);
    for (float& x : all) x = normal(random_);
    return all;
  }
  void put(Vectors& node, Store& store, std::int64_t first, std::size_t count) {
    std::vector<std::int64_t> ids(count);
    std::iota(ids.begin(), ids.end(), first);
    node.upsert(acme_, *store.tenant(acme_), "texts", ids, random_vectors(count), kDimension);
  }
  std::vector<std::int64_t> ask(Vectors& node, Store& store, std::span<const float> query) const {
    std::vector<std::int64_t> ids;
    for (const auto& found : node.search(acme_, *store.tenant(acme_), "texts", query, 10))
      ids.push_back(found.id);
    return ids;
  }

  PostgresHouse house_;
  std::mt19937 random_{7};
  CallToken acme_ = house_.make("acme").through("crm");
  std::unique_ptr<Store> store_b_ = house_.another();
  std::unique_ptr<Vectors> a_ = make_faiss_vectors(256 << 20), b_ = make_faiss_vectors(256 << 20);
};

TEST_F(VectorsOfNodes, answer_the_same_whoever_wrote_and_a_new_node_does_too) {
  for (int round = 0; round < 20; ++round) {
    const bool first = round % 2 == 0;
    put(first ? *a_ : *b_, first ? *house_.store : *store_b_, round * 100, 150);
    const std::vector<std::int64_t> gone{round * 100 + 3, round * 100 + 7};
    (first ? *b_ : *a_)
        .remove(acme_, *(first ? store_b_ : house_.store)->tenant(acme_), "texts", gone);
    const auto query = random_vectors(1);
    const auto fresh = make_faiss_vectors(256 << 20);  // a node that was killed and starts again
    const auto answer = ask(*a_, *house_.store, query);
    EXPECT_EQ(answer.size(), 10U);
    EXPECT_EQ(ask(*b_, *store_b_, query), answer) << round;
    EXPECT_EQ(ask(*fresh, *store_b_, query), answer) << round;
  }
}

TEST_F(VectorsOfNodes, are_never_empty_while_others_write_and_rebuild) {
  put(*a_, *house_.store, 0, 2000);
  std::atomic<bool> done{false};
  std::atomic<std::size_t> asked{0}, short_answers{0};
  std::thread reader([&] {
    std::mt19937 random(11);
    std::normal_distribution<float> normal;
    while (!done) {
      // Now from an index that is kept, now from one that must be built from the database.
      const auto fresh = make_faiss_vectors(256 << 20);
      std::vector<float> query(kDimension);
      for (float& x : query) x = normal(random);
      for (auto* node : {b_.get(), fresh.get()})
        if (ask(*node, *store_b_, query).size() != 10) ++short_answers;
      ++asked;
    }
  });
  for (int round = 0; round < 10 || asked < 10; ++round) {
    put(*a_, *house_.store, 2000 + round * 1000, 1000);  // segments are sealed and merged meanwhile
  }
  done = true;
  reader.join();
  EXPECT_EQ(short_answers, 0U);
}

TEST_F(VectorsOfNodes, see_what_was_committed_before_they_are_asked) {
  for (std::int64_t id = 0; id < 50; ++id) {
    const auto vector = random_vectors(1);
    a_->upsert(acme_, *house_.store->tenant(acme_), "texts", std::vector{id}, vector, kDimension);
    const std::vector<std::int64_t> allowed{id};
    const auto found = b_->search(acme_, *store_b_->tenant(acme_), "texts", vector, 1, allowed);
    ASSERT_EQ(found.size(), 1U) << id;
    EXPECT_EQ(found[0].id, id);
    EXPECT_EQ(b_->count(acme_, *store_b_->tenant(acme_), "texts"),
              static_cast<std::size_t>(id + 1));
  }
}

}  // namespace
}  // namespace host::storage::testing
