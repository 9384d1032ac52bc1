#include "details.hpp"

#include <cstdio>

namespace inbound {
namespace {

class Details {
 public:
  template <typename T, typename Show>
  void set(const char* name, const Field<T>& field, Show show) {
    json_[name] = nullptr;
    if (!field) return;
    json_[name] = show(field->value);
    note(name, *field);
  }
  template <typename T>
  void set(const char* name, const Field<T>& field) {
    set(name, field, [](const T& value) { return serai::Json(value); });
  }
  template <typename T>
  void list(const char* name, const std::vector<Found<T>>& fields) {
    json_[name] = serai::Json::array();
    for (const auto& field : fields) json_[name].push_back(field.value);
    if (!fields.empty()) note(name, fields.front());
  }
  template <typename T>
  void note(const char* name, const Found<T>& found) {
    json_["confidence"][name] = found.confidence;
    json_["evidence"][name] = {{"words", found.evidence.words},
                               {"begin", found.evidence.begin},
                               {"end", found.evidence.end}};
  }
  serai::Json& json() { return json_; }

 private:
  serai::Json json_{{"confidence", serai::Json::object()}, {"evidence", serai::Json::object()}};
};

}  // namespace

std::string text_of(Day day) {
  char text[40];
  (void)std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

serai::Json details_of(const Enquiry& enquiry, const Message& message) {
  Details details;
  auto& json = details.json();
  json["is_travel_inquiry"] = enquiry.is_enquiry;
  json["confidence"]["is_travel_inquiry"] = enquiry.confidence;
  json["language"] = code_of(enquiry.language.value);
  json["name"] = message.from.name;
  json["email"] = message.reply_to.email;
  details.set("phone", enquiry.phone);
  json["destination"] = nullptr;
  if (!enquiry.destinations.empty()) {
    json["destination"] = enquiry.destinations.front().value;
    details.note("destination", enquiry.destinations.front());
  }
  details.list("destinations", enquiry.destinations);
  details.set("check_in", enquiry.check_in, [](Day day) { return serai::Json(text_of(day)); });
  details.set("check_out", enquiry.check_out, [](Day day) { return serai::Json(text_of(day)); });
  details.set("month", enquiry.month, [](std::chrono::year_month month) {
    return serai::Json(text_of(month / std::chrono::day{1}).substr(0, 7));
  });
  details.set("nights", enquiry.nights);
  details.set("adults", enquiry.adults);
  details.set("children", enquiry.children);
  details.list("children_ages", enquiry.children_ages);
  details.set("rooms", enquiry.rooms);
  details.set("budget", enquiry.budget,
              [](const Budget& budget) { return serai::Json(budget.amount); });
  json["budget_currency"] = nullptr;
  json["budget_is_per_person"] = false;
  if (enquiry.budget) {
    if (!enquiry.budget->value.currency.empty()) {
      json["budget_currency"] = enquiry.budget->value.currency;
    }
    json["budget_is_per_person"] = enquiry.budget->value.per_person;
  }
  json["requested_hotel"] = nullptr;
  if (!enquiry.hotels.empty()) json["requested_hotel"] = enquiry.hotels.front().value;
  details.list("requested_hotels", enquiry.hotels);
  details.set("board", enquiry.board);
  details.list("special_requests", enquiry.wishes);
  return json;
}

}  // namespace inbound
