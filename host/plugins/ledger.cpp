// Usage ledger; see the header.
#include "plugins/ledger.hpp"

#include "base/random.hpp"
#include "base/time.hpp"

namespace host::plugins {

storage::MigrationSet ledger_migrations() {
  return {"plugins",
          {{1, "create_usage",
            "CREATE TABLE plugins_usage (id text NOT NULL PRIMARY KEY, at timestamp NOT NULL, "
            "plugin text NOT NULL, unit text NOT NULL, quantity bigint NOT NULL, "
            "user_id text NOT NULL, request_id text NOT NULL);\n"
            "CREATE INDEX plugins_usage_by_unit ON plugins_usage (unit, at);",
            "DROP INDEX plugins_usage_by_unit;\nDROP TABLE plugins_usage;"},
           {2, "create_blob_keepers",
            "CREATE TABLE plugins_blob_keepers (reference text NOT NULL, plugin text NOT NULL, "
            "PRIMARY KEY (reference, plugin));",
            "DROP TABLE plugins_blob_keepers;"}}};
}

void record_usage(storage::Session& session, const CallToken& token, std::string_view unit,
                  std::int64_t quantity) {
  const std::string id = uuid_v7(), at = to_text(now());
  session.execute(
      "INSERT INTO plugins_usage (id, at, plugin, unit, quantity, user_id, request_id) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {std::string_view(id), std::string_view(at), std::string_view(token.plugin()), unit, quantity,
       std::string_view(token.user()), std::string_view(token.request_id())});
}

}  // namespace host::plugins
