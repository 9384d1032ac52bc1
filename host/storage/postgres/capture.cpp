#include "storage/postgres/capture.hpp"

#include <array>
#include <charconv>
#include <set>
#include <stdexcept>

#include <pqxx/pqxx>

#include "base/problem.hpp"
#include "base/time.hpp"

namespace host::storage::postgres {
namespace {

// How often the lock of one table is tried, two seconds each.
constexpr int kTries = 15;
constexpr std::size_t kMostChanges = 10'000'000;

// The log is only ever added to and taken from; whoever takes can therefore never lose what a
// transaction still at work has added.
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS serai_platform.serai_move_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL,
  table_name text COLLATE "C" NOT NULL, key text NOT NULL);
CREATE INDEX IF NOT EXISTS serai_move_log_by_tenant ON serai_platform.serai_move_log (tenant);
CREATE TABLE IF NOT EXISTS serai_platform.serai_move_state (
  tenant text COLLATE "C" PRIMARY KEY, frozen_until text COLLATE "C" NOT NULL,
  life_s bigint NOT NULL, until text COLLATE "C" NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON serai_platform.serai_move_log,
  serai_platform.serai_move_state TO serai_platform;)";

// FOR SHARE: whoever freezes the tenant waits for the transactions that have come past here, and
// those that come later see that it is frozen.
constexpr const char* kFunction = R"(
CREATE OR REPLACE FUNCTION serai_platform.$name() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  who text;
  stopped boolean;
BEGIN
  IF TG_OP = 'DELETE' THEN who := OLD.tenant_id; ELSE who := NEW.tenant_id; END IF;
  SELECT frozen_until > serai.now() INTO stopped FROM serai_platform.serai_move_state
   WHERE tenant = who AND greatest(until, frozen_until) > serai.now() FOR SHARE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF stopped THEN
    RAISE EXCEPTION 'the tenant is being moved' USING ERRCODE = 'SRMOV';
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO serai_platform.serai_move_log (tenant, table_name, key) VALUES (who, TG_TABLE_NAME, $old);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO serai_platform.serai_move_log (tenant, table_name, key) VALUES (who, TG_TABLE_NAME, $new);
  END IF;
  RETURN NULL;
END
$body$)";

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// As JSON, or '' for "any row of this table".
std::string key_of(const TableShape& table, const char* row) {
  if (table.key.empty() || !table.simple_key) return "''";
  std::string list;
  for (const auto& column : table.key)
    list += (list.empty() ? "" : ", ") + std::string(row) + "." + column;
  return "pg_catalog.json_build_array(" + list + ")::text";
}

// Names end with a number that stands for the tenant: ids may be longer than a name.
std::string trigger_of(const std::string& tenant) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : tenant) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return "serai_move_" + std::string(digits.data(), end);
}

pqxx::connection connect(const std::string& owner) {
  if (owner.empty())
    throw Problem(501, "owner_needed",
                  "Moving a tenant away from PostgreSQL needs SERAI_POSTGRES_OWNER, the connection "
                  "of serai_owner: changes are noted by triggers.");
  return pqxx::connection(owner);
}

void prepare(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  // libpqxx 6 would connect again by itself and go on without what was set here.
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  pqxx::nontransaction work(connection);
  // A table that somebody writes to for long must not stop everybody else who comes behind us.
  work.exec("SET lock_timeout = '2s'");
  work.exec("SET client_min_messages = warning");
}

// Again when the lock was not to be had.
template <class Work>
void patiently(pqxx::connection& connection, Work work) {
  for (int attempt = 1;; ++attempt) {
    try {
      pqxx::work transaction(connection);
      work(transaction);
      transaction.commit();
      return;
    } catch (const pqxx::sql_error& error) {
      if (attempt == kTries || error.sqlstate() != "55P03") throw;
    }
  }
}

void remove_triggers(pqxx::connection& connection, const std::string& tenant) {
  std::vector<std::string> tables;
  patiently(connection, [&](pqxx::work& work) {
    tables.clear();
    for (const auto& row : work.exec_params(
             "SELECT c.relname FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON "
             "c.oid = t.tgrelid WHERE c.relnamespace = 'serai_tenants'::regnamespace AND t.tgname "
             "IN ($1, $2)",
             trigger_of(tenant) + "_new", trigger_of(tenant) + "_old"))
      tables.push_back(row[0].as<std::string>());
  });
  for (const auto& table : tables)
    patiently(connection, [&](pqxx::work& work) {
      for (const char* side : {"_new", "_old"})
        work.exec("DROP TRIGGER IF EXISTS " + trigger_of(tenant) + side + " ON serai_tenants." +
                  work.quote_name(table));
    });
  patiently(connection, [&](pqxx::work& work) {
    work.exec_params("DELETE FROM serai_platform.serai_move_state WHERE tenant = $1", tenant);
    work.exec_params("DELETE FROM serai_platform.serai_move_log WHERE tenant = $1", tenant);
  });
}

std::string until(std::int64_t life_s) { return to_text(now() + std::chrono::seconds(life_s)); }

bool known(Session& platform) {
  return !platform
              .query(
                  "SELECT 1 AS one FROM pg_catalog.pg_tables WHERE schemaname = 'serai_platform' "
                  "AND tablename = 'serai_move_state'")
              .empty();
}

}  // namespace

void Captures::begin(const std::string& tenant, const std::vector<TableShape>& tables,
                     std::chrono::seconds life) const {
  auto connection = connect(owner_);
  prepare(connection);
  std::vector<std::string> leftovers{tenant};
  patiently(connection, [&](pqxx::work& work) {
    work.exec("SELECT pg_catalog.pg_advisory_xact_lock(1517)");
    work.exec(kTables);
    leftovers.resize(1);
    for (const auto& row : work.exec_params(
             "SELECT tenant FROM serai_platform.serai_move_state WHERE greatest(until, "
             "frozen_until) < $1 AND tenant <> $2",
             to_text(now()), tenant))
      leftovers.push_back(row[0].as<std::string>());
  });
  for (const auto& left : leftovers) remove_triggers(connection, left);
  patiently(connection, [&](pqxx::work& work) {
    work.exec_params(
        "INSERT INTO serai_platform.serai_move_state (tenant, frozen_until, life_s, until) VALUES "
        "($1, '', $2, $3)",
        tenant, static_cast<std::int64_t>(life.count()), until(life.count()));
  });
  for (const auto& table : tables)
    patiently(connection, [&](pqxx::work& work) {
      // Another tenant's move may be making the same function.
      work.exec("SELECT pg_catalog.pg_advisory_xact_lock(1517)");
      const std::string name = "serai_note_" + table.name;
      std::string function = replaced(kFunction, "$name", work.quote_name(name));
      function = replaced(function, "$old", key_of(table, "OLD"));
      work.exec(replaced(function, "$new", key_of(table, "NEW")));
      const auto trigger = [&](const char* side, const char* events, const char* row) {
        work.exec("CREATE TRIGGER " + trigger_of(tenant) + side + " AFTER " + events +
                  " ON serai_tenants." + work.quote_name(table.name) + " FOR EACH ROW WHEN (" +
                  row + ".tenant_id = " + work.quote(tenant) +
                  ") EXECUTE FUNCTION serai_platform." + work.quote_name(name) + "()");
      };
      // An UPDATE cannot change the tenant, so that the old row is of the same.
      trigger("_new", "INSERT OR UPDATE", "NEW");
      trigger("_old", "DELETE", "OLD");
    });
}

std::vector<RowChange> Captures::take(Session& platform, const std::string& tenant) {
  const Rows state =
      platform.query("SELECT life_s FROM serai_move_state WHERE tenant = $1 AND until > $2",
                     {tenant, to_text(now())});
  if (state.empty()) throw conflict("not_moving", "This tenant is not being moved any more.");
  platform.execute("UPDATE serai_move_state SET until = $2 WHERE tenant = $1 AND until < $2",
                   {tenant, until(state.integer(0, "life_s"))});
  const Value who[] = {std::string_view(tenant)};
  const Rows rows = platform.query(
      "DELETE FROM serai_move_log WHERE tenant = $1 RETURNING table_name, key", who, kMostChanges);
  std::set<RowChange> changes;
  for (std::size_t i = 0; i < rows.size(); ++i)
    changes.insert({rows.text(i, "table_name"), rows.text(i, "key")});
  return {changes.begin(), changes.end()};
}

void Captures::freeze(Session& platform, const std::string& tenant, std::chrono::seconds time) {
  const auto frozen =
      platform.execute("UPDATE serai_move_state SET frozen_until = $2 WHERE tenant = $1",
                       {tenant, until(time.count())});
  if (frozen == 0) throw conflict("not_moving", "This tenant is not being moved any more.");
}

void Captures::end(Session& platform, const std::string& tenant) const {
  if (!known(platform)) return;
  if (platform.query("SELECT 1 AS one FROM serai_move_state WHERE tenant = $1", {tenant}).empty())
    return;
  // First writes go on; then the triggers go, when nobody is in the way.
  platform.execute("DELETE FROM serai_move_state WHERE tenant = $1", {tenant});
  if (owner_.empty()) return;
  auto connection = connect(owner_);
  prepare(connection);
  remove_triggers(connection, tenant);
}

}  // namespace host::storage::postgres
