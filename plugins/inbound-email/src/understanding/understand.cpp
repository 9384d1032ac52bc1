#include "board.hpp"
#include "budget.hpp"
#include "contact.hpp"
#include "enquiry.hpp"
#include "evidence.hpp"
#include "intent.hpp"
#include "places.hpp"
#include "rooms.hpp"
#include "stay.hpp"
#include "travellers.hpp"
#include "wishes.hpp"

namespace inbound {

Enquiry understand(const Mail& mail, const Offer& offer) {
  const auto text = mail.text();
  Reading reading{.text = text,
                  .tokens = tokenize(text),
                  .received = mail.received,
                  .body_begin = mail.subject.size() + 2};
  const auto language = guess_language(reading.tokens);
  reading.language = language.language;

  Enquiry enquiry;
  enquiry.language = {language.language, language.confidence, {}};
  if (reading.tokens.empty()) return enquiry;
  enquiry.destinations = read_destinations(reading, offer.destinations);
  enquiry.hotels = read_hotels(reading, offer.hotels);
  read_stay(reading, enquiry);
  read_travellers(reading, enquiry);
  enquiry.rooms = read_rooms(reading);
  enquiry.budget = read_budget(reading);
  enquiry.board = read_board(reading);
  enquiry.wishes = read_wishes(reading);
  enquiry.phone = read_phone(reading);
  judge_intent(reading, enquiry);
  return enquiry;
}

}  // namespace inbound
