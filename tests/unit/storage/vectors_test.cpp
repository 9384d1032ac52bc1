// Vectors: what a search finds, whatever happened to the rows before.
#include "storage/vectors.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "storage/vectors/snapshot.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kDimension = 8;

// Unit vectors, the same for the same id.
std::vector<float> vector_of(std::int64_t id, std::size_t dimension = kDimension) {
  std::mt19937 generator(static_cast<unsigned>(id * 7919 + 17));
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimension);
  float norm = 0;
  for (float& x : vector) {
    x = normal(generator);
    norm += x * x;
  }
  for (float& x : vector) x /= std::sqrt(norm);
  return vector;
}

std::vector<std::int64_t> range(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> ids;
  for (; from < to; ++from) ids.push_back(from);
  return ids;
}

struct FaissVectors : ::testing::Test {
  World world;
  std::unique_ptr<Vectors> vectors = make_faiss_vectors(1 << 28);
  CallToken acme = world.make("acme").through("crm"), other = world.make("other").through("crm");
  std::unique_ptr<Session> session = world.store->tenant(acme);

  void add(const std::vector<std::int64_t>& ids, Session& to) {
    std::vector<float> all;
    for (const std::int64_t id : ids) {
      const auto one = vector_of(id);
      all.insert(all.end(), one.begin(), one.end());
    }
    vectors->upsert(acme, to, "docs", ids, all, kDimension);
  }
  void add(const std::vector<std::int64_t>& ids) { add(ids, *session); }
  void remove(const std::vector<std::int64_t>& ids) {
    vectors->remove(acme, *session, "docs", ids);
  }
  std::vector<std::int64_t> nearest(const std::vector<float>& to, std::size_t k,
                                    std::vector<std::int64_t> allowed = {}) {
    std::vector<std::int64_t> ids;
    float last = 2;
    for (const Neighbour& one : vectors->search(acme, *session, "docs", to, k, allowed)) {
      EXPECT_LE(one.score, last);
      last = one.score;
      ids.push_back(one.id);
    }
    return ids;
  }
  bool finds(std::int64_t id) {
    const auto found = nearest(vector_of(id), 1);
    return !found.empty() && found[0] == id;
  }
};

TEST_F(FaissVectors, finds_nothing_in_a_collection_that_is_not_there) {
  EXPECT_THAT(nearest(vector_of(1), 5), IsEmpty());
  EXPECT_EQ(vectors->count(acme, *session, "docs"), 0U);
}

TEST_F(FaissVectors, finds_the_best_first) {
  add(range(0, 100));
  std::vector<Neighbour> expected;
  const auto query = vector_of(1000);
  for (std::int64_t id = 0; id < 100; ++id) {
    const auto vector = vector_of(id);
    expected.push_back({id, std::inner_product(query.begin(), query.end(), vector.begin(), 0.F)});
  }
  std::sort(expected.begin(), expected.end(), [](auto a, auto b) { return a.score > b.score; });
  const auto found = nearest(query, 10);
  ASSERT_EQ(found.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(found[i], expected[i].id);
  EXPECT_EQ(nearest(query, 1000).size(), 100U);
  EXPECT_THAT(nearest(query, 0), IsEmpty());
}

TEST_F(FaissVectors, follows_additions_changes_and_removals) {
  add({1, 2, 3});
  EXPECT_TRUE(finds(2));
  add({4});
  EXPECT_TRUE(finds(4));
  remove({2, 99});
  EXPECT_FALSE(finds(2));
  EXPECT_EQ(vectors->count(acme, *session, "docs"), 3U);
  const std::int64_t one[] = {1};
  vectors->upsert(acme, *session, "docs", one, vector_of(50), kDimension);
  EXPECT_EQ(nearest(vector_of(50), 1), std::vector<std::int64_t>{1});
  add({2});
  EXPECT_TRUE(finds(2));
  EXPECT_EQ(nearest(vector_of(7), 10).size(), 4U);
}

TEST_F(FaissVectors, searches_only_what_is_allowed) {
  add(range(0, 3000));
  nearest(vector_of(0), 1);
  add(range(3000, 3010));
  EXPECT_THAT(nearest(vector_of(5), 10, {7}), ElementsAre(7));
  EXPECT_EQ(nearest(vector_of(5), 3, {5, 6, 3001, 9999}).front(), 5);
  EXPECT_EQ(nearest(vector_of(3001), 3, {5, 6, 3001, 9999}).front(), 3001);
  EXPECT_EQ(nearest(vector_of(5), 10, {5, 6, 3001, 9999}).size(), 3U);
}

TEST_F(FaissVectors, rebuilds_from_the_database_alone) {
  add(range(0, 50));
  remove({7});
  vectors = make_faiss_vectors(1 << 28);
  EXPECT_TRUE(finds(8));
  EXPECT_FALSE(finds(7));
}

TEST_F(FaissVectors, shows_an_open_transaction_to_itself_and_forgets_it_when_rolled_back) {
  add({1});
  EXPECT_TRUE(finds(1));
  {
    Transaction transaction(*session);
    add({2});
    remove({1});
    EXPECT_TRUE(finds(2));
    EXPECT_FALSE(finds(1));
    const auto reader = world.store->tenant(acme);
    EXPECT_EQ(vectors->search(acme, *reader, "docs", vector_of(1), 9, {}).size(), 1U);
  }
  EXPECT_TRUE(finds(1));
  EXPECT_FALSE(finds(2));
  // The same version number now means another change.
  add({3});
  EXPECT_TRUE(finds(3));
  EXPECT_TRUE(finds(1));
  EXPECT_FALSE(finds(2));
}

TEST_F(FaissVectors, a_collection_dropped_and_made_again_starts_empty) {
  add({1, 2});
  EXPECT_TRUE(finds(1));
  vectors->drop(acme, *session, "docs");
  EXPECT_THAT(nearest(vector_of(1), 5), IsEmpty());
  add({3, 4});
  EXPECT_FALSE(finds(1));
  EXPECT_TRUE(finds(3));
}

TEST_F(FaissVectors, survives_many_small_changes_and_the_purge_of_removed_rows) {
  for (std::int64_t i = 0; i < 600; ++i) {
    add({i});
    if (i % 3 == 0) remove({i});
    if (i % 50 == 0) nearest(vector_of(i), 1);
  }
  const auto fresh = make_faiss_vectors(1 << 28);
  for (std::int64_t i = 0; i < 600; i += 37) {
    EXPECT_EQ(finds(i), i % 3 != 0) << i;
    const auto found = fresh->search(acme, *session, "docs", vector_of(i), 1, {});
    EXPECT_EQ(found[0].id == i, i % 3 != 0) << i;
  }
  EXPECT_EQ(vectors->count(acme, *session, "docs"), 400U);
}

TEST_F(FaissVectors, a_memory_left_behind_by_a_purge_is_rebuilt) {
  add({1, 2});
  EXPECT_TRUE(finds(1));
  const auto writer = make_faiss_vectors(1 << 28);  // the index of another process
  const std::int64_t one[] = {1};
  writer->remove(acme, *session, "docs", one);
  for (int i = 0; i < 300; ++i) {
    const std::int64_t id[] = {3};
    writer->upsert(acme, *session, "docs", id, vector_of(i), kDimension);
  }
  EXPECT_EQ(session->query("SELECT id FROM serai_vectors WHERE data IS NULL").size(), 0U);
  EXPECT_FALSE(finds(1));
  EXPECT_TRUE(finds(2));
}

TEST_F(FaissVectors, keeps_tenants_plugins_and_collections_apart) {
  add({1});
  EXPECT_TRUE(finds(1));
  const auto theirs = world.store->tenant(other);
  EXPECT_THAT(vectors->search(other, *theirs, "docs", vector_of(1), 5, {}), IsEmpty());
  EXPECT_THAT(vectors->search(acme.through("mail"), *session, "docs", vector_of(1), 5, {}),
              IsEmpty());
  EXPECT_THAT(vectors->search(acme, *session, "other", vector_of(1), 5, {}), IsEmpty());
  vectors->drop(other, *theirs, "docs");
  vectors->drop(acme.through("mail"), *session, "docs");
  vectors->destroy(other);
  EXPECT_TRUE(finds(1));
}

TEST_F(FaissVectors, refuses_a_session_of_another_tenant) {
  add({1});
  const auto theirs = world.store->tenant(other);
  EXPECT_THROW(vectors->search(acme, *theirs, "docs", vector_of(1), 5, {}), std::logic_error);
  EXPECT_THROW(vectors->count(other, *session, "docs"), std::logic_error);
  EXPECT_THROW(add({1}, *theirs), std::logic_error);
  EXPECT_THROW(vectors->drop(acme, *theirs, "docs"), std::logic_error);
}

TEST_F(FaissVectors, works_through_a_confined_session_and_leaves_it_confined) {
  session->confine("crm_");
  add({1});
  EXPECT_TRUE(finds(1));
  EXPECT_EQ(fault_of([&] { session->query("SELECT id FROM serai_vectors"); }), SqlFault::denied);
}

TEST_F(FaissVectors, refuses_vectors_of_another_dimension_and_what_is_no_number) {
  add({1});
  const std::int64_t one[] = {1};
  EXPECT_THROW(vectors->upsert(acme, *session, "docs", one, vector_of(1, 9), 9), Problem);
  EXPECT_THROW(vectors->upsert(acme, *session, "docs", one, vector_of(1, 9), kDimension), Problem);
  EXPECT_THROW(nearest(vector_of(1, 9), 1), Problem);
  auto bad = vector_of(1);
  bad[3] = std::nanf("");
  EXPECT_THROW(vectors->upsert(acme, *session, "docs", one, bad, kDimension), Problem);
  EXPECT_TRUE(finds(1));
}

TEST_F(FaissVectors, forgets_the_least_recently_used_above_its_memory_and_finds_all_the_same) {
  vectors = make_faiss_vectors(1);
  for (int round = 0; round < 2; ++round) {
    for (const char* name : {"a", "b"}) {
      const std::int64_t one[] = {1};
      vectors->upsert(acme, *session, name, one, vector_of(1), kDimension);
      EXPECT_EQ(vectors->search(acme, *session, name, vector_of(1), 1, {}).size(), 1U);
    }
  }
}

TEST_F(FaissVectors, searches_run_beside_writers_and_never_miss_what_was_committed_before) {
  add(range(0, 100));
  std::atomic<std::int64_t> committed = 99;
  std::atomic<bool> stop = false;
  std::atomic<int> missed = 0;
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      const auto mine = world.store->tenant(acme);
      while (!stop) {
        const std::int64_t id = committed;
        const auto found = vectors->search(acme, *mine, "docs", vector_of(id), 1, {});
        if (found.empty() || found[0].id != id) ++missed;
      }
    });
  }
  for (std::int64_t i = 100; i < 2500; i += 25) {
    add(range(i, i + 25));
    committed = i + 24;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(missed, 0);
}

TEST_F(FaissVectors, its_statements_find_their_rows_by_index) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "full_scans() is SQLite's";
  for (const char* sql :
       {"SELECT id FROM serai_vectors WHERE plugin = $1 AND collection = $2 AND id >= $3 AND data "
        "IS NOT NULL ORDER BY id LIMIT 10",
        "SELECT v.id FROM serai_vector_collections c LEFT JOIN serai_vectors v ON v.plugin = "
        "c.plugin AND v.collection = c.name AND v.version > $3 WHERE c.plugin = $1 AND c.name = $2",
        "DELETE FROM serai_vectors WHERE plugin = $1 AND collection = $2 AND data IS NULL",
        "SELECT value FROM serai_secrets WHERE plugin = $1 AND name = $2"}) {
    EXPECT_THAT(full_scans(*session, sql), IsEmpty()) << sql;
  }
}

// --- snapshots, without a database
// -----------------------------------------------------------------

std::vector<float> matrix(const std::vector<std::int64_t>& ids) {
  std::vector<float> all;
  for (const std::int64_t id : ids) {
    const auto one = vector_of(id);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

TEST(Segments, above_the_flat_limit_are_inverted_and_find_themselves) {
  const auto ids = range(0, 25'000);
  const Segment segment(ids, matrix(ids), kDimension);
  EXPECT_TRUE(segment.inverted());
  int found = 0;
  for (std::int64_t id = 0; id < 25'000; id += 250) {
    std::vector<Neighbour> best;
    segment.search(vector_of(id), 1, nullptr, {}, best);
    found += !best.empty() && best[0].id == id ? 1 : 0;
  }
  EXPECT_EQ(found, 100);
}

TEST(Segments, inverted_or_not_respect_filters) {
  for (const std::int64_t size : {5'000, 25'000}) {
    const auto ids = range(0, size);
    const Segment segment(ids, matrix(ids), kDimension);
    Bitmap live(ids.size(), true);
    live.clear(17);
    std::vector<Neighbour> best;
    segment.search(vector_of(17), 1, &live, {}, best);
    ASSERT_EQ(best.size(), 1U);
    EXPECT_NE(best[0].id, 17);

    std::vector<std::int64_t> few = {17, 18, 400}, many;
    best.clear();
    segment.search(vector_of(18), 5, &live, few, best);
    EXPECT_EQ(best.size(), 2U);  // 17 is dead
    for (std::int64_t id = 0; id < size; id += 2) many.push_back(id);
    best.clear();
    segment.search(vector_of(400), 5, &live, many, best);
    ASSERT_FALSE(best.empty());
    EXPECT_TRUE(std::all_of(best.begin(), best.end(), [](const auto& n) { return n.id % 2 == 0; }));
  }
}

TEST(Snapshots, merged_hold_the_same_vectors) {
  auto snapshot = Snapshot::of("e", kDimension, 1, range(0, 300), matrix(range(0, 300)));
  std::int64_t version = 1;
  for (std::int64_t from = 300; from < 15'000; from += 1500) {
    std::vector<Change> changes;
    for (std::int64_t id = from; id < from + 1500; ++id) changes.push_back({id, vector_of(id)});
    for (std::int64_t id = from - 300; id < from - 200; ++id) changes.push_back({id, std::nullopt});
    snapshot = snapshot->with(std::move(changes), ++version);
  }
  ASSERT_TRUE(snapshot->wants_merge());
  const auto merged = snapshot->merge();
  // Meanwhile one vector goes and one comes.
  const auto now = snapshot->with({{250, std::nullopt}, {99'999, vector_of(99'999)}}, ++version);
  const auto after = Snapshot::replace(*snapshot, merged, *now);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->size(), now->size());
  EXPECT_FALSE(after->wants_merge());
  for (const std::int64_t id : {5L, 201L, 250L, 3'000L, 14'000L, 99'999L}) {
    const auto a = now->search(vector_of(id), 3, {}), b = after->search(vector_of(id), 3, {});
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].id, b[i].id);
  }
}

}  // namespace
}  // namespace host::storage
