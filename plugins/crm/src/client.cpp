// See client.hpp.
#include "client.hpp"

#include "money.hpp"
#include "text.hpp"

namespace crm {
namespace {

Text owned(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

serai::Json or_null(const Text& text) { return text ? serai::Json(*text) : serai::Json(); }

}  // namespace

const char* const kClientColumns =
    "c.id, c.client_id, c.email, c.name, c.phone, c.source, c.consultant_id, c.stage, "
    "c.destination, c.notes, c.value_amount, c.value_currency, c.quote_count, "
    "c.last_activity_at, c.created_at, c.updated_at";

Client read_client(const serai::Row& row) {
  Client client;
  client.id = row.text(0);
  client.client_id = row.text(1);
  client.email = row.text(2);
  client.name = row.text(3);
  client.phone = owned(row.optional_text(4));
  client.source = row.text(5);
  client.consultant_id = owned(row.optional_text(6));
  client.stage = row.text(7);
  client.destination = owned(row.optional_text(8));
  client.notes = owned(row.optional_text(9));
  client.value = row.integer(10);
  client.currency = row.text(11);
  client.quote_count = row.integer(12);
  client.last_activity_at = owned(row.optional_text(13));
  client.created_at = row.text(14);
  client.updated_at = row.text(15);
  return client;
}

serai::Json to_json(const Client& client) {
  return {{"id", client.id},
          {"client_id", client.client_id},
          {"email", client.email},
          {"name", client.name},
          {"phone", or_null(client.phone)},
          {"pipeline_stage", client.stage},
          {"value", number(client.value, client.currency)},
          {"currency", client.currency},
          {"quote_count", client.quote_count},
          {"destination", or_null(client.destination)},
          {"last_activity", or_null(client.last_activity_at)},
          {"source", client.source},
          {"consultant_id", or_null(client.consultant_id)},
          {"notes", or_null(client.notes)},
          {"created_at", client.created_at},
          {"updated_at", client.updated_at}};
}

serai::Json name_json(const Client& client) {
  return {{"id", client.id}, {"client_id", client.client_id}, {"name", client.name}};
}

std::optional<Client> find_client(const serai::Call& call, std::string_view reference) {
  std::string key = tidy(reference);
  if (key.find('@') != std::string::npos) key = email_of(key);
  const auto rows = call.sql().query(
      std::string("SELECT ") + kClientColumns +
          " FROM crm_keys AS k JOIN crm_clients AS c ON c.id = k.client WHERE k.key = $1",
      key);
  if (rows.empty()) return std::nullopt;
  return read_client(rows.front());
}

Client required_client(const serai::Call& call, std::string_view reference) {
  auto client = find_client(call, reference);
  if (!client) throw serai::not_found("The client");
  return *std::move(client);
}

std::vector<std::string> emails_of(const serai::Call& call, const Client& client) {
  std::vector<std::string> emails{client.email};
  const auto rows = call.sql().query(
      "SELECT key FROM crm_keys WHERE client = $1 AND kind = 'email' AND key <> $2 ORDER BY key",
      client.id, client.email);
  for (const auto row : rows) emails.emplace_back(row.text(0));
  return emails;
}

}  // namespace crm
