// See the header.
#include "question_type.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace helpdesk {
namespace {

struct Kind {
  QuestionType type;
  std::span<const std::string_view> words;
};

constexpr std::string_view kHotel[] = {"hotel",         "hotels",   "resort",  "lodge",
                                       "room",          "rooms",    "suite",   "villa",
                                       "accommodation", "check-in", "checkin", "amenities"};
constexpr std::string_view kPricing[] = {
    "price",  "prices",  "cost",       "costs",      "rate",     "rates",  "fee",    "fees",
    "charge", "deposit", "commission", "supplement", "discount", "refund", "budget", "much"};
constexpr std::string_view kPlatform[] = {"upload",   "login",  "password", "dashboard", "invoice",
                                          "screen",   "button", "system",   "platform",  "crm",
                                          "pipeline", "import", "export",   "template"};
constexpr std::string_view kDestination[] = {
    "destination", "island",       "beach",   "weather", "season", "visa",     "passport",
    "vaccination", "vaccinations", "malaria", "climate", "safari", "currency", "country"};
constexpr std::string_view kComparison[] = {"compare",    "comparison", "versus", "vs",
                                            "difference", "better",     "best",   "cheaper",
                                            "cheapest",   "between",    "which"};
constexpr std::string_view kBooking[] = {"book",        "booking", "bookings",     "reserve",
                                         "reservation", "cancel",  "cancellation", "amend",
                                         "change",      "confirm", "confirmation", "transfer"};

// In this order the first of equals wins.
constexpr Kind kKinds[] = {
    {{"hotel_info", 6, 15, .6, true}, kHotel},
    {{"pricing", 4, 10, .8, false}, kPricing},
    {{"platform_help", 3, 8, .9, false}, kPlatform},
    {{"destination", 5, 15, .5, true}, kDestination},
    {{"comparison", 8, 20, .4, true}, kComparison},
    {{"booking", 3, 8, .9, false}, kBooking},
};

constexpr QuestionType kGeneral{"general", 5, 12, .7, true};

// Asking for a person.
constexpr std::string_view kContact[] = {"speak", "talk",    "chat",     "call",    "contact",
                                         "reach", "connect", "escalate", "transfer"};
constexpr std::string_view kBetween[] = {"me",   "us",   "to",   "with", "a",     "an",
                                         "the",  "this", "real", "live", "human", "another",
                                         "your", "my",   "our",  "it",   "on"};
constexpr std::string_view kPeople[] = {"human", "person",  "people",    "someone",   "somebody",
                                        "agent", "manager", "colleague", "supervisor"};

bool among(std::span<const std::string_view> words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                        static_cast<unsigned char>(c) > 0x7f;
    if (letter) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else if (!word.empty()) {
      visit(word);
      word.clear();
    }
  }
}

}  // namespace

const QuestionType& classify(std::string_view question) {
  const QuestionType* best = &kGeneral;
  int most = 0;
  for (const auto& kind : kKinds) {
    int hits = 0;
    for_each_word(question,
                  [&](const std::string& word) { hits += among(kind.words, word) ? 1 : 0; });
    if (hits > most) {
      most = hits;
      best = &kind.type;
    }
  }
  return *best;
}

bool wants_a_person(std::string_view question) {
  bool after_contact = false, wanted = false;
  for_each_word(question, [&](const std::string& word) {
    wanted |= after_contact && among(kPeople, word);
    after_contact = among(kContact, word) || (after_contact && among(kBetween, word));
  });
  return wanted;
}

}  // namespace helpdesk
