#include "question_type.hpp"

#include <algorithm>
#include <array>
#include <span>

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

const std::array<Kind, 6>& kinds() {
  static const std::array<Kind, 6> table{{
      {{"hotel_info", 6, 15, .6, true}, kHotel},
      {{"pricing", 4, 10, .8, true}, kPricing},
      {{"platform_help", 3, 8, .9, false}, kPlatform},
      {{"destination", 5, 15, .5, true}, kDestination},
      {{"comparison", 8, 20, .4, true}, kComparison},
      {{"booking", 3, 8, .9, false}, kBooking},
  }};
  return table;
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
  static const QuestionType general{"general", 5, 12, .7, true};
  const QuestionType* best = &general;
  long most = 0;
  for (const auto& kind : kinds()) {
    long hits = 0;
    for_each_word(question, [&](const std::string& word) {
      hits += std::count(kind.words.begin(), kind.words.end(), word);
    });
    if (hits > most) {
      most = hits;
      best = &kind.type;
    }
  }
  return *best;
}

bool wants_a_person(std::string_view question) {
  static constexpr std::string_view kPeople[] = {"human", "person",  "someone",  "somebody",
                                                 "agent", "manager", "colleague"};
  static constexpr std::string_view kContact[] = {"speak",   "talk",     "call",    "contact",
                                                  "connect", "escalate", "transfer"};
  bool person = false, contact = false;
  for_each_word(question, [&](const std::string& word) {
    person |= std::count(std::begin(kPeople), std::end(kPeople), word) > 0;
    contact |= std::count(std::begin(kContact), std::end(kContact), word) > 0;
  });
  return person && contact;
}

}  // namespace helpdesk
