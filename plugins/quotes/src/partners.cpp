// See the header.
#include "partners.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "offer.hpp"

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
  return options_in(call.services().call("pricing.stay/1", stay));
}

// The answer of somebody a quote can do without; null if nobody is there to answer.
Json ask(const serai::Call& call, const char* service, const Json& request) {
  if (!call.services().available(service)) return {};
  auto attempt = call.sql().transaction();
  Json answer;
  try {
    answer = call.services().call(service, request);
  } catch (const serai::Problem& problem) {
    if (problem.status != 503) throw;
    attempt.rollback();
    return {};
  }
  attempt.commit();
  return answer;
}

// Those who are told of with id and name; consultants, or everybody where there is none.
std::vector<std::pair<std::string, std::string>> consultants(const serai::Call& call) {
  const Json answer = ask(call, kUsers, Json::object());
  std::vector<std::pair<std::string, std::string>> all, those;
  if (!answer.is_object() || !answer.contains("users")) return all;
  for (const Json& user : answer["users"]) {
    const auto word = [&](const char* name) {
      return user.is_object() && user.contains(name) && user[name].is_string()
                 ? user[name].get<std::string>()
                 : std::string();
    };
    if (word("id").empty()) continue;
    all.emplace_back(word("id"), word("name"));
    if (word("role") == "consultant") those.push_back(all.back());
  }
  return those.empty() ? all : those;
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
  const auto waiting = consultants(call);
  if (waiting.empty()) return;
  std::map<std::string, std::int64_t, std::less<>> turns;
  std::int64_t latest = 0;
  for (const auto row : call.sql().query("SELECT user_id, turn FROM quotes_turns")) {
    turns[std::string(row.text(0))] = row.integer(1);
    latest = std::max(latest, row.integer(1));
  }
  std::int64_t waits_since = latest + 1;
  for (const auto& [id, name] : waiting) {
    const auto turn = turns.find(id);
    const auto last = turn == turns.end() ? 0 : turn->second;
    if (last >= waits_since) continue;
    waits_since = last;
    quote.consultant_id = id;
    quote.consultant_name = name;
  }
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
  const auto id = Json::json_pointer("/client/client_id");
  if (answer.contains(id) && answer.at(id).is_string())
    quote.client_id = answer.at(id).get<std::string>();
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
            const std::string& message, const std::string& occasion, const char* type) {
  Json notice{{"type", type},
              {"title", title},
              {"message", message},
              {"entity_type", "quote"},
              {"entity_id", quote.quote_id},
              {"once_key", quote.quote_id + ":" + occasion}};
  if (quote.consultant_id) notice["user_id"] = *quote.consultant_id;
  ask(call, kNotify, notice);
}

}  // namespace quotes
