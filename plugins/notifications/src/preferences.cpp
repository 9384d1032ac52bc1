// See preferences.hpp.
#include "preferences.hpp"

#include "digest.hpp"
#include "kind.hpp"

namespace notifications {
namespace {

using serai::Json;

constexpr const char* kDigest = "email_digest_enabled";
constexpr const char* kFrequency = "email_digest_frequency";

std::string name_of(std::string_view type) { return "email_" + std::string(type); }

}  // namespace

Preferences::Preferences() : choices_(Json::object()) {
  for (const Kind& kind : kKinds) choices_[name_of(kind.type)] = kind.mailed;
  choices_[kDigest] = false;
  choices_[kFrequency] = "daily";
}

void Preferences::choose(const std::string& name, const std::string& choice) {
  if (!choices_.contains(name)) return;
  if (choices_[name].is_boolean())
    choices_[name] = choice == "true";
  else
    choices_[name] = choice;
}

bool Preferences::mailed(std::string_view type) const {
  return choices_.value(name_of(type), false);
}

Frequency Preferences::frequency() const {
  return choices_.value(kDigest, false) ? frequency_of(choices_.value(kFrequency, ""))
                                        : Frequency::realtime;
}

Preferences preferences_of(const serai::Call& call, std::string_view user_id) {
  Preferences preferences;
  const auto rows = call.sql().query(
      "SELECT name, choice FROM notifications_preferences WHERE user_id = $1", user_id);
  for (const auto row : rows)
    preferences.choose(std::string(row.text(0)), std::string(row.text(1)));
  return preferences;
}

AllPreferences::AllPreferences(const serai::Call& call) {
  const auto rows = call.sql().query("SELECT user_id, name, choice FROM notifications_preferences");
  for (const auto row : rows)
    by_user_[std::string(row.text(0))].choose(std::string(row.text(1)), std::string(row.text(2)));
}

const Preferences& AllPreferences::of(const std::string& user_id) const {
  const auto found = by_user_.find(user_id);
  return found == by_user_.end() ? nothing_chosen_ : found->second;
}

Json get_preferences(serai::Request& request) {
  return serai::data(preferences_of(request, request.caller().user).json());
}

Json put_preferences(serai::Request& request) {
  const Json known = Preferences().json();
  const auto now = request.clock().now_text();
  serai::Batch choices;
  for (const auto& [name, choice] : request.json().items()) {
    if (!known.contains(name)) continue;
    choices.add(request.caller().user, name,
                choice.is_string() ? choice.get<std::string>() : choice.dump(), now);
  }
  if (choices.size() == 0)
    throw serai::Problem(400, "no_preferences", "The body names none of the preferences.");
  auto transaction = request.sql().transaction();
  request.sql().execute_many(
      "INSERT INTO notifications_preferences (user_id, name, choice, updated_at) "
      "VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, name) DO UPDATE SET "
      "choice = excluded.choice, updated_at = excluded.updated_at",
      choices);
  const auto preferences = preferences_of(request, request.caller().user);
  if (preferences.frequency() == Frequency::realtime)
    mail_what_waits(request, request.caller().user);
  transaction.commit();
  Json answer = serai::data(preferences.json());
  answer["message"] = "Preferences updated";
  return answer;
}

}  // namespace notifications
