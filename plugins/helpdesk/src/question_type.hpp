// What kind of question it is decides how widely to look: many near passages for a comparison, few
// exact ones for a how-to.
#pragma once

#include <string_view>

namespace helpdesk {

struct QuestionType {
  // hotel_info, pricing, platform_help, destination, comparison, booking, general
  std::string_view name;
  int passages;      // how many to answer from
  int candidates;    // how many to choose them from
  double relevance;  // 1: only relevance counts, 0: only that they differ (MMR's lambda)
  bool diverse;      // choose by MMR at all
};

// By counting the kinds' words in the question; the first of equals; general without any.
const QuestionType& classify(std::string_view question);

// Asks for a person: a word like "talk" and then, with little between them, one like "someone". A
// transfer's price per person is no such question.
bool wants_a_person(std::string_view question);

}  // namespace helpdesk
