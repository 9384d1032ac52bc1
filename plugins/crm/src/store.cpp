// See store.hpp.
#include "store.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "activity.hpp"
#include "rows.hpp"
#include "search_words.hpp"
#include "stage.hpp"
#include "text.hpp"
#include "writing.hpp"

namespace crm {
namespace {

constexpr int kAttempts = 8;

// What history tells of.
constexpr const char* kFields[] = {"email",         "name",        "phone", "source",
                                   "consultant_id", "destination", "notes", "pipeline_stage",
                                   "value",         "currency"};

Text key_or_null(std::string key) { return key.empty() ? Text() : Text(std::move(key)); }

std::string phone_key_of(const Client& client) {
  return client.phone ? phone_key(*client.phone) : std::string();
}

serai::Json differences(const serai::Json& before, const serai::Json& after) {
  serai::Json changes = serai::Json::object();
  for (const char* field : kFields) {
    const serai::Json from = before.value(field, serai::Json());
    if (from != after[field]) changes[field] = {{"from", from}, {"to", after[field]}};
  }
  return changes;
}

// The last digits of a UUIDv7 are its random ones.
std::string client_id_of(const std::string& uuid) {
  std::string id = "CLI-" + uuid.substr(28);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return id;
}

// With eight digits two of some ten thousand clients would often be alike: taken ones are sorted
// out.
std::vector<std::string> free_client_ids(const serai::Call& call, std::size_t count) {
  std::set<std::string> ids;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    for (std::size_t tries = 0; ids.size() < count && tries < 2 * count; ++tries) {
      ids.insert(client_id_of(call.clock().uuid()));
    }
    if (ids.size() < count) break;
    const std::vector<serai::Value> values(ids.begin(), ids.end());
    const auto taken = call.sql().query_values(
        "SELECT key FROM crm_keys WHERE key IN (" + placeholders(1, count) + ")", values);
    if (taken.empty()) return {ids.begin(), ids.end()};
    for (const auto row : taken) ids.erase(std::string(row.text(0)));
  }
  throw serai::Problem(503, "no_free_id", "No id was free; try again.");
}

Client client_of(const Draft& draft, std::string client_id, const serai::Clock& clock) {
  Client client;
  client.id = clock.uuid();
  client.client_id = std::move(client_id);
  client.source = "manual";
  client.stage = kQuoted;
  client.created_at = client.updated_at = clock.now_text();
  apply(draft, client);
  return client;
}

void announce_added(const serai::Call& call, const Client& client) {
  auto payload = name_json(client);
  payload["email"] = client.email;
  payload["source"] = client.source;
  call.events().publish("crm.client.added", payload);
}

void announce_changed(const serai::Call& call, const Change& change, const serai::Json& changes) {
  auto payload = name_json(change.after);
  payload["fields"] = serai::Json::array();
  for (const auto& item : changes.items()) payload["fields"].push_back(item.key());
  call.events().publish("crm.client.changed", payload);
  if (change.before.stage == change.after.stage) return;
  auto moved = name_json(change.after);
  moved["from"] = change.before.stage;
  moved["to"] = change.after.stage;
  call.events().publish("crm.client.stage_changed", moved);
}

void add_words(serai::Batch& rows, const Client& client, const std::vector<std::string>& emails) {
  for (const auto& word : search_words(client, emails)) rows.add(word, client.id);
}

void insert_words(const serai::Call& call, const serai::Batch& rows) {
  insert_rows(call, "INSERT INTO crm_words (word, client)", rows);
}

}  // namespace

void write_history(const serai::Call& call, serai::Batch& rows, const Client& client,
                   std::string_view cause, const serai::Json& changes) {
  rows.add(call.clock().uuid(), client.id, cause, serai::dump_json(changes), call.caller().user,
           call.clock().now_text());
}

void insert_history(const serai::Call& call, const serai::Batch& rows) {
  insert_rows(call, "INSERT INTO crm_changes (id, client, cause, changes, user_id, changed_at)",
              rows);
}

bool insert_clients(const serai::Call& call, const std::vector<Draft>& drafts,
                    std::string_view cause, std::vector<Client>& made) {
  if (drafts.empty()) return true;
  const auto ids = free_client_ids(call, drafts.size());
  std::vector<Client> clients;
  serai::Batch rows, keys, history;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const Client& c = clients.emplace_back(client_of(drafts[i], ids[i], call.clock()));
    rows.add(c.id, c.client_id, c.email, c.name, c.phone, c.source, c.consultant_id, c.stage,
             c.destination, c.notes, c.value, c.currency, c.quote_count, name_key(c.name),
             key_or_null(phone_key_of(c)), c.created_at, c.updated_at);
    keys.add(c.id, "id", c.id).add(c.client_id, "id", c.id).add(c.email, "email", c.id);
    write_history(call, history, c, cause, differences(serai::Json::object(), to_json(c)));
  }
  auto transaction = call.sql().transaction();
  insert_rows(call,
              "INSERT INTO crm_clients (id, client_id, email, name, phone, source, consultant_id, "
              "stage, destination, notes, value_amount, value_currency, quote_count, name_key, "
              "phone_key, created_at, updated_at)",
              rows);
  const auto claimed = insert_rows(call, "INSERT INTO crm_keys (key, kind, client)", keys,
                                   "ON CONFLICT (key) DO NOTHING");
  if (claimed != static_cast<std::int64_t>(keys.size())) return false;
  insert_history(call, history);
  serai::Batch words;
  for (const Client& client : clients) add_words(words, client, {client.email});
  insert_words(call, words);
  if (cause != kImported) {
    for (const Client& client : clients) announce_added(call, client);
  }
  call.metrics().add("clients_added_total", static_cast<double>(clients.size()));
  transaction.commit();
  made = std::move(clients);
  return true;
}

std::size_t change_clients(const serai::Call& call, std::vector<Change>& changes,
                           std::string_view cause) {
  const std::string now = call.clock().now_text();
  serai::Batch rows, history;
  std::vector<NewActivity> moves;
  std::vector<Client> renamed;
  for (Change& change : changes) {
    const auto differing = differences(to_json(change.before), to_json(change.after));
    if (differing.empty()) continue;
    Client& c = change.after;
    c.updated_at = now;
    write_history(call, history, c, cause, differing);
    if (change.before.stage != c.stage) {
      c.last_activity_at = now;
      moves.push_back({c.id,
                       "stage_change",
                       "Stage changed from " + change.before.stage + " to " + c.stage,
                       {{"from", change.before.stage}, {"to", c.stage}}});
    }
    for (const char* field : {"name", "email", "phone"}) {
      if (!differing.contains(field)) continue;
      renamed.push_back(c);
      break;
    }
    if (cause != kImported) announce_changed(call, change, differing);
    rows.add(c.email, c.name, c.phone, c.source, c.consultant_id, c.stage, c.destination, c.notes,
             c.value, c.currency, name_key(c.name), key_or_null(phone_key_of(c)), now, c.id);
  }
  const std::size_t count = rows.size();
  call.sql().execute_many(
      "UPDATE crm_clients SET email = $1, name = $2, phone = $3, source = $4, consultant_id = $5, "
      "stage = $6, destination = $7, notes = $8, value_amount = $9, value_currency = $10, "
      "name_key = $11, phone_key = $12, updated_at = $13 WHERE id = $14",
      rows);
  insert_history(call, history);
  record_activities(call, moves);
  index_words(call, renamed);
  return count;
}

Client change_client(const serai::Call& call, const Client& before, const Client& after,
                     std::string_view cause) {
  std::vector<Change> one{{before, after}};
  change_clients(call, one, cause);
  return one.front().after;
}

void change_email(const serai::Call& call, const Client& client, const std::string& email) {
  const auto sql = call.sql();
  const auto claimed = sql.execute(
      "INSERT INTO crm_keys (key, kind, client) VALUES ($1, 'email', $2) "
      "ON CONFLICT (key) DO NOTHING",
      email, client.id);
  const bool own = claimed == 1 || find_client(call, email).value_or(Client{}).id == client.id;
  if (!own) {
    throw serai::conflict("email_taken",
                          "Another client has this e-mail address. Merge the two if they are one.");
  }
  sql.execute("DELETE FROM crm_keys WHERE key = $1 AND client = $2", client.email, client.id);
}

std::pair<Client, bool> ensure_client(const serai::Call& call, const Draft& draft) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto known = find_client(call, *draft.email)) return {*std::move(known), false};
    Writing writing(call);
    std::vector<Client> made;
    if (!insert_clients(call, {draft}, kCreated, made))
      continue;  // somebody was faster: look again
    writing.commit();
    return {std::move(made.front()), true};
  }
  throw serai::Problem(503, "busy", "The client could not be added now; try again.");
}

void index_words(const serai::Call& call, const std::vector<Client>& clients) {
  if (clients.empty()) return;
  std::vector<serai::Value> ids;
  for (const Client& client : clients) ids.emplace_back(client.id);
  const std::string these = " IN (" + placeholders(1, ids.size()) + ")";
  const auto sql = call.sql();
  const auto known = sql.query_values(
      "SELECT client, key FROM crm_keys WHERE kind = 'email' AND client" + these, ids);
  std::map<std::string, std::vector<std::string>, std::less<>> emails;
  for (const auto row : known) emails[std::string(row.text(0))].emplace_back(row.text(1));
  serai::Batch rows;
  for (const Client& client : clients) add_words(rows, client, emails[client.id]);
  sql.execute_values("DELETE FROM crm_words WHERE client" + these, ids);
  insert_words(call, rows);
}

}  // namespace crm
