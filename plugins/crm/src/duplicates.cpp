// See duplicates.hpp.
#include "duplicates.hpp"

#include <map>

#include "client.hpp"
#include "quote_values.hpp"
#include "rows.hpp"
#include "store.hpp"
#include "writing.hpp"

namespace crm {
namespace {

constexpr std::int64_t kShown = 10;  // clients of one group

// What the kept client lacks comes from the other one.
Client united(const Client& kept, const Client& other) {
  Client client = kept;
  if (!client.phone) client.phone = other.phone;
  if (!client.consultant_id) client.consultant_id = other.consultant_id;
  if (!client.destination) client.destination = other.destination;
  if (!client.notes) {
    client.notes = other.notes;
  } else if (other.notes && client.notes->find(*other.notes) == std::string::npos) {
    client.notes = *client.notes + "\n\n" + *other.notes;
  }
  if (other.last_activity_at > client.last_activity_at)
    client.last_activity_at = other.last_activity_at;
  return client;
}

void move_everything(const serai::Call& call, const std::string& from, const std::string& to) {
  const auto sql = call.sql();
  for (const char* table : {"crm_keys", "crm_changes", "crm_quote_values"}) {
    sql.execute(std::string("UPDATE ") + table + " SET client = $1 WHERE client = $2", to, from);
  }
  sql.execute(
      "UPDATE crm_activities SET client = $1 WHERE client = $2 AND once_key NOT IN "
      "(SELECT a.once_key FROM crm_activities AS a WHERE a.client = $1)",
      to, from);
}

// Groups of one kind of likeness: key, how many, and the first clients of each by that key.
void add_members(const serai::Call& call, const std::string& column,
                 const std::vector<std::string>& keys, std::map<std::string, serai::Json>& out) {
  if (keys.empty()) return;
  const std::vector<serai::Value> values(keys.begin(), keys.end());
  const auto rows = call.sql().query_values(
      std::string("SELECT ") + kClientColumns + ", c.likeness FROM (SELECT n.*, n." + column +
          " AS likeness, row_number() OVER (PARTITION BY n." + column +
          " ORDER BY n.created_at, n.id) AS place FROM crm_clients AS n WHERE n." + column +
          " IN (" + placeholders(1, keys.size()) +
          ")) AS c WHERE c.place <= " + std::to_string(kShown) + " ORDER BY c.place",
      values);
  for (const auto row : rows) {
    auto& clients = out[column + std::string(row.text("likeness"))];
    if (clients.is_null()) clients = serai::Json::array();
    clients.push_back(to_json(read_client(row)));
  }
}

}  // namespace

serai::Json list_duplicates(serai::Request& request) {
  const auto rows = request.sql().query(
      "SELECT reason, likeness, clients FROM ("
      "SELECT 'phone' AS reason, phone_key AS likeness, count(*) AS clients FROM crm_clients "
      "WHERE phone_key IS NOT NULL GROUP BY phone_key HAVING count(*) > 1 "
      "UNION ALL SELECT 'name' AS reason, name_key AS likeness, count(*) AS clients "
      "FROM crm_clients GROUP BY name_key HAVING count(*) > 1) AS alike "
      "ORDER BY clients DESC, reason DESC, likeness LIMIT $1 OFFSET $2",
      request.query_integer("limit", 20), request.query_integer("offset", 0));
  std::map<std::string, std::vector<std::string>, std::less<>> keys;
  for (const auto row : rows) keys[std::string(row.text(0)) + "_key"].emplace_back(row.text(1));
  std::map<std::string, serai::Json> members;
  for (const auto& [column, wanted] : keys) add_members(request, column, wanted, members);
  serai::Json items = serai::Json::array();
  for (const auto row : rows) {
    const std::string reason(row.text(0));
    items.push_back({{"reason", reason},
                     {"count", row.integer(2)},
                     {"clients", members[reason + "_key" + std::string(row.text(1))]}});
  }
  return serai::list(std::move(items));
}

serai::Json merge_clients(serai::Request& request) {
  Writing writing(request);
  const Client kept = required_client(request, request.path("id"));
  const Client other = required_client(request, request.field<std::string>("client_id"));
  if (kept.id == other.id) throw serai::invalid_field("/client_id", "This must be another client.");
  move_everything(request, other.id, kept.id);
  request.sql().execute("DELETE FROM crm_clients WHERE id = $1", other.id);
  Client after = united(kept, other);
  follow_quotes(request, after);
  request.sql().execute("UPDATE crm_clients SET last_activity_at = $1 WHERE id = $2",
                        after.last_activity_at, kept.id);
  serai::Batch history;
  write_history(request, history, kept, kMerged, {{"merged", {{"from", to_json(other)}}}});
  insert_history(request, history);
  after = change_client(request, kept, after, kMerged);
  index_words(request, {after});
  request.events().publish("crm.client.merged", {{"id", kept.id},
                                                 {"client_id", kept.client_id},
                                                 {"merged_id", other.id},
                                                 {"merged_client_id", other.client_id}});
  writing.commit();
  return serai::data(to_json(after));
}

}  // namespace crm
