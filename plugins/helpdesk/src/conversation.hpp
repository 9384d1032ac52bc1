// One user's conversation with the agent: the last ten exchanges, kept in the tenant's database.
// Nobody else's, whatever their role.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

namespace helpdesk {

struct Turn {
  std::string role;  // user, assistant
  std::string content;
};

class Conversation {
 public:
  // Of the caller. Problem 403 for a call without a user.
  explicit Conversation(const serai::Call& call);

  std::vector<Turn> turns() const;  // oldest first
  void add(std::string_view question, std::string_view answer) const;
  void clear() const;

 private:
  const serai::Call& call_;
};

}  // namespace helpdesk
