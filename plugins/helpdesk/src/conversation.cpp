// See the header.
#include "conversation.hpp"

#include <algorithm>

namespace helpdesk {
namespace {

constexpr std::int64_t kKept = 20;  // ten exchanges

}  // namespace

Conversation::Conversation(const serai::Call& call) : call_(call) {
  if (call.caller().user.empty())
    throw serai::Problem(403, "user_needed", "A conversation belongs to a signed-in user.");
}

std::vector<Turn> Conversation::turns() const {
  const auto rows = call_.sql().query(
      "SELECT role, content FROM helpdesk_messages WHERE user_id = $1 ORDER BY id DESC LIMIT $2",
      call_.caller().user, kKept);
  std::vector<Turn> turns;
  for (const auto& row : rows)
    turns.push_back({std::string(row.text("role")), std::string(row.text("content"))});
  std::reverse(turns.begin(), turns.end());
  return turns;
}

void Conversation::add(std::string_view question, std::string_view answer) const {
  const auto sql = call_.sql();
  const auto user = call_.caller().user;
  auto transaction = sql.transaction();
  for (const auto& [role, content] :
       {std::pair{"user", question}, std::pair{"assistant", answer}}) {
    sql.execute(
        "INSERT INTO helpdesk_messages (id, user_id, role, content, created_at) VALUES ($1, $2, "
        "$3, $4, $5)",
        call_.clock().uuid(), user, role, content, call_.clock().now_text());
  }
  sql.execute(
      "DELETE FROM helpdesk_messages WHERE user_id = $1 AND id NOT IN"
      " (SELECT id FROM helpdesk_messages WHERE user_id = $1 ORDER BY id DESC LIMIT $2)",
      user, kKept);
  transaction.commit();
}

void Conversation::clear() const {
  call_.sql().execute("DELETE FROM helpdesk_messages WHERE user_id = $1", call_.caller().user);
}

}  // namespace helpdesk
