// What a user wants by mail, and when. Rows are only what somebody has chosen.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "due.hpp"

namespace notifications {

class Preferences {
 public:
  Preferences();  // nobody has chosen anything

  void choose(const std::string& name, const std::string& choice);

  bool mailed(std::string_view type) const;
  // When: at once, unless digests are on.
  Frequency frequency() const;
  // {"email_quote_request": true, ..., "email_digest_frequency": "daily"}
  const serai::Json& json() const { return choices_; }

 private:
  serai::Json choices_;
};

Preferences preferences_of(const serai::Call& call, std::string_view user_id);

// Of everybody who has chosen something, by one statement; who is not in it has chosen nothing.
class AllPreferences {
 public:
  explicit AllPreferences(const serai::Call& call);
  const Preferences& of(const std::string& user_id) const;

 private:
  std::map<std::string, Preferences, std::less<>> by_user_;
  Preferences nothing_chosen_;
};

serai::Json get_preferences(serai::Request& request);
serai::Json put_preferences(serai::Request& request);

}  // namespace notifications
