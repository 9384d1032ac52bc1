// The table that decides what kind of question it is, and what asks for a person.
#include "question_type.hpp"

#include <gtest/gtest.h>

namespace helpdesk {
namespace {

struct Row {
  const char* question;
  std::string_view kind;
};

class Classification : public ::testing::TestWithParam<Row> {};

TEST_P(Classification, goes_by_the_words_of_the_question) {
  EXPECT_EQ(classify(GetParam().question).name, GetParam().kind) << GetParam().question;
}

INSTANTIATE_TEST_SUITE_P(
    Questions, Classification,
    ::testing::Values(
        Row{"Does the lodge have family rooms?", "hotel_info"},
        Row{"What are the check-in times and amenities?", "hotel_info"},
        Row{"WHICH SUITE HAS A VILLA?", "hotel_info"}, Row{"How much is the deposit?", "pricing"},
        Row{"What commission and discount do agents get?", "pricing"},
        Row{"How do I upload an invoice on the dashboard?", "platform_help"},
        Row{"I forgot my password and cannot login", "platform_help"},
        Row{"Is a visa or a vaccination needed?", "destination"},
        Row{"What is the best season and weather for a safari?", "destination"},
        Row{"Compare the two: which is better?", "comparison"},
        Row{"What is the difference between half board and full board?", "comparison"},
        Row{"How do I cancel or amend a reservation?", "booking"},
        Row{"Who feeds the office cat?", "general"}, Row{"", "general"}, Row{"???", "general"},
        // Whole words only: neither roommate nor incost.
        Row{"The roommates incosted bookworms", "general"},
        // One word each: the first kind of the table.
        Row{"hotel price", "hotel_info"}, Row{"price hotel", "hotel_info"},
        Row{"visa booking", "destination"},
        // More words win over the order.
        Row{"hotel deposit refund", "pricing"}));

struct Parameters {
  const char* question;
  int passages, candidates;
  double relevance;
  bool diverse;
};

class SearchWidth : public ::testing::TestWithParam<Parameters> {};

TEST_P(SearchWidth, follows_from_the_kind) {
  const auto& type = classify(GetParam().question);
  EXPECT_EQ(type.passages, GetParam().passages);
  EXPECT_EQ(type.candidates, GetParam().candidates);
  EXPECT_DOUBLE_EQ(type.relevance, GetParam().relevance);
  EXPECT_EQ(type.diverse, GetParam().diverse);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SearchWidth,
    ::testing::Values(Parameters{"hotel", 6, 15, .6, true}, Parameters{"price", 4, 10, .8, false},
                      Parameters{"upload", 3, 8, .9, false}, Parameters{"visa", 5, 15, .5, true},
                      Parameters{"compare", 8, 20, .4, true}, Parameters{"cancel", 3, 8, .9, false},
                      Parameters{"hello", 5, 12, .7, true}));

TEST(AskingForAPerson, takes_a_word_of_contact_and_then_one_of_people) {
  for (const char* question : {"Can I talk to someone?", "Please connect me with a real person.",
                               "I want to SPEAK to a human", "transfer me to an agent",
                               "escalate this to my manager", "Call a colleague"}) {
    EXPECT_TRUE(wants_a_person(question)) << question;
  }
}

TEST(AskingForAPerson, is_not_a_question_about_people) {
  for (const char* question :
       {"What does the airport transfer cost per person?", "Which agent do we contact in Nairobi?",
        "How many people fit on the transfer bus?", "Who is the manager of the lodge?",
        "May a person under 18 book?", "call", ""}) {
    EXPECT_FALSE(wants_a_person(question)) << question;
  }
}

}  // namespace
}  // namespace helpdesk
