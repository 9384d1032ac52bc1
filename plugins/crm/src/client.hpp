// A client: its row, how it is found by any of its names, and how clients of the API see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

namespace crm {

using Text = std::optional<std::string>;

struct Client {
  std::string id;         // UUID
  std::string client_id;  // "CLI-" and eight hexadecimal digits
  std::string email;      // the one that is written to; others lead here after a merge
  std::string name;
  Text phone;
  std::string source;
  Text consultant_id;
  std::string stage;
  Text destination, notes;
  std::int64_t value = 0;  // the latest quote's total, in minor units of `currency`
  std::string currency;    // empty: no quote yet
  std::int64_t quote_count = 0;
  Text last_activity_at;
  std::string created_at, updated_at;
};

// Columns in the order read_client() reads them.
extern const char* const kClientColumns;
Client read_client(const serai::Row& row);

serai::Json to_json(const Client& client);
// What events and services tell beside it: {"id", "client_id", "name"}.
serai::Json name_json(const Client& client);

// `reference`: client_id, UUID or an e-mail address, also of a client that was merged into this.
std::optional<Client> find_client(const serai::Call& call, std::string_view reference);
// The same; Problem 404.
Client required_client(const serai::Call& call, std::string_view reference);

// The e-mail addresses that lead to the client, its own first.
std::vector<std::string> emails_of(const serai::Call& call, const Client& client);

}  // namespace crm
