// The list of indexed documents: as an ordered map would have it, and copies stay what they were.
#include "../../src/document_list.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace knowledge {
namespace {

Listed listed(std::int64_t number, std::int64_t chunks) {
  return {number, "DOC-" + std::to_string(number), "policies", "public", chunks};
}

std::map<std::int64_t, std::int64_t> content(const DocumentList& list) {
  std::map<std::int64_t, std::int64_t> found;
  std::int64_t last = -1;
  EXPECT_TRUE(list.all([&](const Listed& one) {
    EXPECT_LT(last, one.number);
    last = one.number;
    found[one.number] = one.chunks;
    return true;
  }));
  EXPECT_EQ(found.size(), list.size());
  return found;
}

TEST(DocumentList, is_what_a_map_would_be_and_copies_stay_as_they_were) {
  std::mt19937 random(11);
  DocumentList list;
  std::map<std::int64_t, std::int64_t> truth, early_truth;
  DocumentList early;
  for (int step = 0; step < 4000; ++step) {
    const auto number = static_cast<std::int64_t>(random() % 1500);
    if (random() % 3 == 0) {
      list.remove(number);
      truth.erase(number);
    } else {
      list.put(listed(number, step));
      truth[number] = step;
    }
    if (step == 2000) {
      early = list;
      early_truth = truth;
    }
  }
  EXPECT_EQ(content(list), truth);
  EXPECT_EQ(content(early), early_truth);
  for (std::int64_t number = -1; number <= 1500; ++number) {
    const Listed* found = list.find(number);
    ASSERT_EQ(found != nullptr, truth.contains(number)) << number;
    if (found != nullptr) {
      EXPECT_EQ(found->chunks, truth[number]);
    }
  }
}

TEST(DocumentList, made_at_once_is_as_made_one_by_one) {
  std::vector<Listed> documents;
  DocumentList one_by_one;
  for (const std::int64_t number : {1, 2, 255, 256, 257, 700, 5000}) {
    documents.push_back(listed(number, number));
    one_by_one.put(listed(number, number));
  }
  const DocumentList at_once(documents);
  EXPECT_EQ(content(at_once), content(one_by_one));
  EXPECT_EQ(at_once.find(256)->id, "DOC-256");
  EXPECT_EQ(at_once.find(258), nullptr);
}

TEST(DocumentList, stops_when_told_to) {
  const DocumentList list({listed(1, 1), listed(2, 1), listed(900, 1)});
  int seen = 0;
  EXPECT_FALSE(list.all([&](const Listed& one) { return ++seen, one.number < 2; }));
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace knowledge
