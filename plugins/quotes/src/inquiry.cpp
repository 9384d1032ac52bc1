// See the header.
#include "inquiry.hpp"

#include <algorithm>

#include <serai/problem.hpp>

#include "text.hpp"
#include "words/words.hpp"

namespace quotes {
namespace {

using serai::Json;

constexpr int kAssumedAge = 8;  // of a child nobody said the age of: it pays as a child everywhere

const Json& member(const Json& document, const char* name) {
  static const Json none;
  const auto found = document.find(name);
  return found == document.end() ? none : *found;
}

std::string text_of(const Json& document, const char* name, std::size_t most, bool lines = false) {
  const Json& value = member(document, name);
  if (value.is_null()) return {};
  if (!value.is_string())
    throw serai::invalid_field(std::string("/") + name, "This must be a text.");
  std::string text = tidy(value.get_ref<const std::string&>(), lines);
  if (text.size() > most)
    throw serai::invalid_field(std::string("/") + name,
                               "This must have at most " + std::to_string(most) + " bytes.");
  return text;
}

int whole(const Json& document, const char* name, int fallback, int least, int most) {
  const Json& value = member(document, name);
  if (value.is_null()) return fallback;
  if (value.is_number_integer() && value >= least && value <= most) return value.get<int>();
  throw serai::invalid_field(std::string("/") + name, "This must be a whole number from " +
                                                          std::to_string(least) + " to " +
                                                          std::to_string(most) + ".");
}

bool flag(const Json& document, const char* name) {
  const Json& value = member(document, name);
  if (value.is_null()) return false;
  if (!value.is_boolean())
    throw serai::invalid_field(std::string("/") + name, "This must be true or false.");
  return value.get<bool>();
}

std::optional<Day> day(const Json& document, const char* name) {
  const std::string text = text_of(document, name, 40);
  if (text.empty()) return std::nullopt;
  const auto found = parse_day(text);
  if (!found)
    throw serai::invalid_field(std::string("/") + name, "This must be a date like 2026-12-31.");
  return found;
}

// The same day of a later year; 29 February is the 28th where there is none.
Day in_year(Day day, std::chrono::year year) {
  const std::chrono::year_month_day date(day);
  const auto moved = year / date.month() / date.day();
  return moved.ok() ? Day(moved) : Day(year / date.month() / std::chrono::last);
}

void read_dates(const Json& document, Day today, Inquiry& inquiry) {
  auto check_in = day(document, "check_in"), check_out = day(document, "check_out");
  int nights = whole(document, "nights", 0, 1, 90);
  if (!check_in) {
    // Of a day of departure alone the stay is told backwards.
    check_in = check_out ? *check_out - std::chrono::days(nights == 0 ? 7 : nights)
                         : today + std::chrono::days(30);
    inquiry.assumed.emplace_back("check_in");
  }
  if (check_out && *check_out <= *check_in)
    throw serai::invalid_field("/check_out", "This must be after check_in.");
  if (check_out) {
    const auto between = (*check_out - *check_in).count();
    if (between > 90) throw serai::invalid_field("/check_out", "A stay has at most 90 nights.");
    if (nights != 0 && nights != between)
      throw serai::invalid_field("/nights", "This contradicts check_in and check_out.");
    nights = static_cast<int>(between);
  } else if (nights == 0) {
    nights = 7;
    inquiry.assumed.emplace_back("nights");
  }
  if (*check_in < today) {
    inquiry.assumed.emplace_back("year");
    const auto this_year = std::chrono::year_month_day(today).year();
    auto moved = in_year(*check_in, this_year);
    if (moved < today) moved = in_year(*check_in, this_year + std::chrono::years(1));
    check_in = moved;
  }
  inquiry.nights = nights;
  inquiry.check_in = day_text(*check_in);
  inquiry.check_out = day_text(*check_in + std::chrono::days(nights));
}

void read_travellers(const Json& document, Inquiry& inquiry) {
  inquiry.adults = whole(document, "adults", 2, 1, 100);
  const Json& ages = member(document, "children_ages");
  const auto is_age = [](const Json& age) {
    return age.is_number_integer() && age >= 0 && age <= 17;
  };
  if (!ages.is_null() &&
      (!ages.is_array() || ages.size() > 10 || !std::all_of(ages.begin(), ages.end(), is_age)))
    throw serai::invalid_field("/children_ages", "These must be at most ten ages from 0 to 17.");
  for (const Json& age : ages) inquiry.children_ages.push_back(age.get<int>());
  const auto known = inquiry.children_ages.size();
  const auto children =
      static_cast<std::size_t>(whole(document, "children", static_cast<int>(known), 0, 10));
  if (children < known)
    throw serai::invalid_field("/children", "There are more ages than children.");
  if (children > known) {
    inquiry.children_ages.resize(children, kAssumedAge);
    inquiry.assumed.emplace_back("children_ages");
  }
  inquiry.rooms = whole(document, "rooms", whole(document, "room_count", 0, 1, 10), 1, 10);
}

void read_hotels(const Json& document, Inquiry& inquiry) {
  for (const char* name : {"hotels", "selected_hotels"}) {
    const Json& hotels = member(document, name);
    if (hotels.is_null()) continue;
    if (!hotels.is_array() || hotels.size() > 20)
      throw serai::invalid_field(std::string("/") + name, "These must be at most 20 names.");
    for (const Json& hotel : hotels) {
      const auto text = hotel.is_string() ? tidy(hotel.get_ref<const std::string&>()) : "";
      if (text.empty() || text.size() > 200)
        throw serai::invalid_field(std::string("/") + name, "A hotel needs a name.");
      inquiry.hotels.push_back(text);
    }
  }
  const auto wanted = text_of(document, "requested_hotel", 200);
  if (inquiry.hotels.empty() && !wanted.empty()) inquiry.hotels.push_back(wanted);
}

}  // namespace

Inquiry read_inquiry(const Json& document, Day today, Needs needs) {
  if (!document.is_object()) throw serai::invalid_field("", "The inquiry must be an object.");
  Inquiry inquiry;
  inquiry.name = text_of(document, "name", 400);
  if (inquiry.name.empty()) throw serai::invalid_field("/name", "This field is required.");
  const std::string given = text_of(document, "email", 1000);
  inquiry.email = email_of(given);
  if (inquiry.email.empty() && (needs.email || !given.empty()))
    throw serai::invalid_field("/email", "This must be an e-mail address.");
  inquiry.phone = text_of(document, "phone", 60);
  inquiry.destination = text_of(document, "destination", 200);
  read_hotels(document, inquiry);
  if (needs.place && inquiry.destination.empty() && inquiry.hotels.empty())
    throw serai::invalid_field("/destination", "A destination or a hotel is needed.");
  read_dates(document, today, inquiry);
  read_travellers(document, inquiry);
  inquiry.with_flights = flag(document, "with_flights");
  inquiry.with_transfers = flag(document, "with_transfers");
  inquiry.budget = member(document, "budget");
  if (!inquiry.budget.is_null() && !inquiry.budget.is_number())
    throw serai::invalid_field("/budget", "This must be a number.");
  inquiry.message = text_of(document, "message", 20'000, true);
  inquiry.language = text_of(document, "language", 35);
  if (!inquiry.language.empty() && find_language(inquiry.language) == nullptr)
    throw serai::invalid_field("/language", "There are no words in this language.");
  return inquiry;
}

Json to_json(const Inquiry& i) {
  return {{"name", i.name},
          {"email", i.email},
          {"phone", i.phone},
          {"destination", i.destination},
          {"hotels", i.hotels},
          {"check_in", i.check_in},
          {"check_out", i.check_out},
          {"nights", i.nights},
          {"adults", i.adults},
          {"children_ages", i.children_ages},
          {"rooms", i.rooms},
          {"with_flights", i.with_flights},
          {"with_transfers", i.with_transfers},
          {"budget", i.budget},
          {"message", i.message},
          {"language", i.language},
          {"assumed", i.assumed}};
}

Inquiry inquiry_of(const Json& kept) {
  Inquiry i;
  kept.at("name").get_to(i.name);
  kept.at("email").get_to(i.email);
  kept.at("phone").get_to(i.phone);
  kept.at("destination").get_to(i.destination);
  kept.at("hotels").get_to(i.hotels);
  kept.at("check_in").get_to(i.check_in);
  kept.at("check_out").get_to(i.check_out);
  kept.at("nights").get_to(i.nights);
  kept.at("adults").get_to(i.adults);
  kept.at("children_ages").get_to(i.children_ages);
  kept.at("rooms").get_to(i.rooms);
  kept.at("with_flights").get_to(i.with_flights);
  kept.at("with_transfers").get_to(i.with_transfers);
  i.budget = kept.at("budget");
  kept.at("message").get_to(i.message);
  kept.at("language").get_to(i.language);
  if (find_language(i.language) == nullptr) i.language.clear();
  kept.at("assumed").get_to(i.assumed);
  return i;
}

}  // namespace quotes
