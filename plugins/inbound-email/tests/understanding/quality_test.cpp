// How good the rules are, counted on labelled mails: precision (what is reported is right) and
// recall (what the mail says is reported) of each field. Floors are what was measured, rounded
// down.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "labelled.hpp"
#include "tenant.hpp"

namespace inbound_test {
namespace {

struct Score {
  int right = 0;
  int reported = 0;
  int said = 0;

  double precision() const { return reported == 0 ? 1 : double(right) / reported; }
  double recall() const { return said == 0 ? 1 : double(right) / said; }
};
using Scores = std::map<std::string, Score>;

void count(Score& score, std::vector<std::string> said, std::vector<std::string> reported) {
  std::sort(said.begin(), said.end());
  std::sort(reported.begin(), reported.end());
  std::vector<std::string> both;
  std::set_intersection(said.begin(), said.end(), reported.begin(), reported.end(),
                        std::back_inserter(both));
  score.right += static_cast<int>(both.size());
  score.said += static_cast<int>(said.size());
  score.reported += static_cast<int>(reported.size());
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ",") + word;
  return all.empty() ? "-" : all;
}

// `explain`: prints what is wrong; never for the unseen half.
Scores judge(const std::string& half, bool explain) {
  Scores scores;
  for (const auto& labelled : read_labelled(INBOUND_MAILS "/" + half)) {
    const auto enquiry = inbound::understand(labelled.mail, offer());
    auto reported = values_of(enquiry);
    count(scores["language"], {labelled.language},
          {std::string(inbound::code_of(enquiry.language.value))});
    const auto yes = [](bool is) { return std::vector<std::string>(is ? 1 : 0, "yes"); };
    count(scores["enquiry"], yes(labelled.enquiry), yes(enquiry.is_enquiry));
    if (explain && (enquiry.is_enquiry != labelled.enquiry ||
                    labelled.language != inbound::code_of(enquiry.language.value))) {
      std::cout << labelled.id << " enquiry " << enquiry.is_enquiry << " language "
                << inbound::code_of(enquiry.language.value) << "\n";
    }
    if (!labelled.enquiry) continue;
    for (const auto* field : {"dest", "in", "out", "month", "nights", "adults", "children", "ages",
                              "rooms", "budget", "hotel", "board", "wishes"}) {
      const auto said = labelled.expected.find(field);
      const auto expected =
          said == labelled.expected.end() ? std::vector<std::string>{} : said->second;
      count(scores[field], expected, reported[field]);
      auto a = expected;
      auto b = reported[field];
      std::sort(a.begin(), a.end());
      std::sort(b.begin(), b.end());
      if (explain && a != b) {
        std::cout << labelled.id << " " << field << ": said " << joined(a) << ", reported "
                  << joined(b) << "\n";
      }
    }
  }
  return scores;
}

void print(const std::string& half, const Scores& scores) {
  std::printf("%-10s %-10s %9s %9s %6s\n", half.c_str(), "field", "precision", "recall", "said");
  for (const auto& [field, score] : scores) {
    std::printf("%-10s %-10s %9.3f %9.3f %6d\n", "", field.c_str(), score.precision(),
                score.recall(), score.said);
  }
}

struct Floor {
  double precision;
  double recall;
};
using Floors = std::map<std::string, Floor>;
const Floors kSeenFloors{{"adults", {1, 1}},   {"ages", {1, 1}},     {"board", {1, 1}},
                         {"budget", {1, 1}},   {"children", {1, 1}}, {"dest", {1, 1}},
                         {"enquiry", {1, 1}},  {"hotel", {1, 1}},    {"in", {1, 1}},
                         {"language", {1, 1}}, {"month", {1, 1}},    {"nights", {1, 1}},
                         {"out", {1, 1}},      {"rooms", {1, 1}},    {"wishes", {1, 1}}};
const Floors kUnseenFloors{
    {"adults", {0.95, 0.92}}, {"ages", {0.96, 0.91}},     {"board", {1, 1}},
    {"budget", {1, 1}},       {"children", {0.95, 0.86}}, {"dest", {1, 0.98}},
    {"enquiry", {1, 1}},      {"hotel", {1, 1}},          {"in", {0.98, 0.98}},
    {"language", {1, 1}},     {"month", {1, 0.92}},       {"nights", {0.98, 0.95}},
    {"out", {0.95, 0.92}},    {"rooms", {0.9, 0.76}},     {"wishes", {1, 1}}};

void expect_at_least(const Scores& scores, const Floors& floors) {
  ASSERT_EQ(scores.size(), floors.size());
  for (const auto& [field, score] : scores) {
    ASSERT_TRUE(floors.contains(field)) << field;
    EXPECT_GE(score.precision(), floors.at(field).precision) << field;
    EXPECT_GE(score.recall(), floors.at(field).recall) << field;
  }
}

TEST(Quality, of_the_mails_the_rules_were_written_by) {
  const auto scores = judge("seen", std::getenv("EXPLAIN") != nullptr);
  print("seen", scores);
  expect_at_least(scores, kSeenFloors);
}

TEST(Quality, of_mails_the_rules_were_not_written_by) {
  const auto scores = judge("unseen", false);
  print("unseen", scores);
  expect_at_least(scores, kUnseenFloors);
}

}  // namespace
}  // namespace inbound_test
