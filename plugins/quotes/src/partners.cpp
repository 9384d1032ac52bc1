// See the header.
#include "partners.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace quotes {
namespace {

using serai::Json;

constexpr const char* kUsers = "serai.users/1";
constexpr const char* kEnsureClient = "crm.ensure_client/1";
constexpr const char* kQuoted = "crm.quoted/1";
constexpr const char* kActivity = "crm.add_activity/1";
constexpr const char* kNotify = "notifications.notify/1";

Json stay_of(const serai::Call& call, const Inquiry& asked) {
  Json stay{{"check_in", asked.check_in},
            {"nights", asked.nights},
            {"adults", asked.adults},
            {"children_ages", asked.children_ages},
            {"with_flights", asked.with_flights || call.config().boolean("with_flights")},
            {"with_transfers", asked.with_transfers || call.config().boolean("with_transfers")},
            {"currency", call.config().text("currency")},
            {"max_options", call.config().integer("max_options")}};
  if (!asked.destination.empty()) stay["destination"] = asked.destination;
  if (!asked.hotels.empty()) stay["hotels"] = asked.hotels;
  if (asked.rooms > 0) stay["rooms"] = asked.rooms;
  return stay;
}

Json options_of(const serai::Call& call, const Json& stay) {
  const Json answer = call.services().call("pricing.stay/1", stay);
  const auto options = answer.find("options");
  return answer.is_object() && options != answer.end() && options->is_array() ? *options
                                                                              : Json::array();
}

}  // namespace

void price(const serai::Call& call, Content& content) {
  Inquiry& asked = content.inquiry;
  std::erase(asked.assumed, "hotels");
  Json stay = stay_of(call, asked);
  content.options = options_of(call, stay);
  if (content.options.empty() && stay.contains("hotels") && stay.contains("destination")) {
    // Not the hotel that was asked for: what else there is.
    stay.erase("hotels");
    content.options = options_of(call, stay);
    if (!content.options.empty()) asked.assumed.emplace_back("hotels");
  }
  content.unpriced.clear();
  if (content.options.empty())
    content.unpriced =
        "No rate fits " +
        (asked.destination.empty() ? std::string("these hotels") : asked.destination) + " from " +
        asked.check_in + " to " + asked.check_out + ".";
}

void assign_consultant(const serai::Call& call, Quote& quote) {
  if (!call.services().available(kUsers)) return;
  const Json answer = call.services().call(kUsers);
  const Json users = answer.value("users", Json::array());
  const bool any = std::any_of(users.begin(), users.end(), [](const Json& user) {
    return user.value("role", std::string()) == "consultant";
  });
  std::map<std::string, std::int64_t, std::less<>> turns;
  std::int64_t latest = 0;
  for (const auto row : call.sql().query("SELECT user_id, turn FROM quotes_turns")) {
    turns[std::string(row.text(0))] = row.integer(1);
    latest = std::max(latest, row.integer(1));
  }
  const Json* next = nullptr;
  std::int64_t waits_since = 0;
  for (const Json& user : users) {
    if (any && user.value("role", std::string()) != "consultant") continue;
    const auto turn = turns.find(user.at("id").get<std::string>());
    const auto last = turn == turns.end() ? 0 : turn->second;
    if (next != nullptr && last >= waits_since) continue;
    next = &user;
    waits_since = last;
  }
  if (next == nullptr) return;
  quote.consultant_id = next->at("id").get<std::string>();
  quote.consultant_name = next->value("name", std::string());
  call.sql().execute(
      "INSERT INTO quotes_turns (user_id, turn) VALUES ($1, $2) "
      "ON CONFLICT (user_id) DO UPDATE SET turn = excluded.turn",
      *quote.consultant_id, latest + 1);
}

bool meet_client(const serai::Call& call, Quote& quote) {
  if (quote.email.empty() || !call.services().available(kEnsureClient)) return false;
  Json client{{"email", quote.email},
              {"name", quote.name},
              {"source", quote.source == "email" ? "email" : "quote"}};
  if (quote.phone) client["phone"] = *quote.phone;
  if (quote.destination) client["destination"] = *quote.destination;
  if (quote.consultant_id) client["consultant_id"] = *quote.consultant_id;
  const Json answer = call.services().call(kEnsureClient, client);
  const Json met = answer.value("client", Json::object());
  if (const auto id = met.find("client_id"); id != met.end() && id->is_string())
    quote.client_id = id->get<std::string>();
  return quote.client_id.has_value();
}

void tell_value(const serai::Call& call, const Quote& quote) {
  if (!quote.client_id || !quote.total_minor || !call.services().available(kQuoted)) return;
  Json value{{"client", quote.email},
             {"quote_id", quote.quote_id},
             {"amount", *quote.total_minor},
             {"currency", quote.currency},
             {"quoted_at", quote.created_at}};
  if (quote.destination) value["destination"] = *quote.destination;
  call.services().call(kQuoted, value);
}

void tell_activity(const serai::Call& call, const Quote& quote, const std::string& description,
                   const std::string& occasion) {
  if (!quote.client_id || !call.services().available(kActivity)) return;
  call.services().call(kActivity, {{"client", quote.email},
                                   {"activity_type", "quote"},
                                   {"description", description},
                                   {"metadata", {{"quote_id", quote.quote_id}}},
                                   {"once_key", quote.quote_id + ":" + occasion}});
}

void notify(const serai::Call& call, const Quote& quote, const std::string& title,
            const std::string& message, const std::string& occasion) {
  if (!call.services().available(kNotify)) return;
  Json notice{{"type", "quote_request"},     {"title", title},
              {"message", message},          {"entity_type", "quote"},
              {"entity_id", quote.quote_id}, {"once_key", quote.quote_id + ":" + occasion}};
  if (quote.consultant_id) notice["user_id"] = *quote.consultant_id;
  call.services().call(kNotify, notice);
}

}  // namespace quotes
