#include "storage/postgres/migrator.hpp"

#include <stdexcept>

#include <pqxx/pqxx>

#include "base/time.hpp"
#include "storage/postgres/ddl.hpp"
#include "storage/postgres/roles.hpp"

namespace host::storage::postgres {
namespace {

// Any number that no tenant's name is likely to give.
constexpr long long kMigrationLock = 0x5e7a1;

constexpr const char* kScope[] = {"platform", "tenants"};
const char* scope(Schema schema) { return kScope[static_cast<int>(schema)]; }

// A connection of the owner that works in one schema and keeps other nodes out until it is closed.
class OwnerConnection {
 public:
  OwnerConnection(const std::string& owner, Schema schema) : connection_(owner) {
    // libpqxx 6 would connect again by itself and go on without what was set here. Deprecated
    // because libpqxx 7 does not do so any more.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
    pqxx::nontransaction work(connection_);
    work.exec(std::string("SET search_path = ") +
              std::string(schema == Schema::platform ? kPlatformPath : kTenantsPath));
    work.exec("SET lock_timeout = '60s'");
    work.exec("SET client_min_messages = warning");
    work.exec("SET standard_conforming_strings = on");
    work.exec("SET statement_timeout = '600s'");
    work.exec("SELECT pg_catalog.pg_advisory_lock(" + std::to_string(kMigrationLock) + ")");
  }
  pqxx::connection& operator*() { return connection_; }

 private:
  pqxx::connection connection_;
};

// The tables of the tenants' schema that one tenant could see another through.
constexpr const char* kLeaks = R"(
SELECT c.relname || ' is not under row-level security' AS leak
  FROM pg_class c WHERE c.relnamespace = 'serai_tenants'::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
     SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'serai_tenant'))
UNION ALL
SELECT c.relname || ' has another policy than the host''s'
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
 WHERE c.relnamespace = 'serai_tenants'::regnamespace AND p.polname <> 'serai_tenant'
UNION ALL
SELECT c.relname || ' has no tenant_id that must be given'
  FROM pg_class c WHERE c.relnamespace = 'serai_tenants'::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                   AND a.attnotnull AND NOT a.attisdropped)
UNION ALL
SELECT i.relname || ' does not begin with tenant_id'
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
 WHERE c.relnamespace = 'serai_tenants'::regnamespace AND a.attname IS DISTINCT FROM 'tenant_id'
UNION ALL
SELECT k.conname || ' refers to rows without naming their tenant'
  FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
 WHERE k.connamespace = 'serai_tenants'::regnamespace AND k.contype = 'f' AND a.attname <> 'tenant_id'
UNION ALL
SELECT c.relname || ' is a view that answers with its owner''s rights'
  FROM pg_class c WHERE c.relnamespace = 'serai_tenants'::regnamespace AND c.relkind = 'v'
   AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], FALSE)
UNION ALL
SELECT c.relname || ' is neither table, index nor view'
  FROM pg_class c WHERE c.relnamespace = 'serai_tenants'::regnamespace
   AND c.relkind NOT IN ('r', 'p', 'i', 'I', 'v'))";

void refuse_leaks(pqxx::work& work) {
  const auto leaks = work.exec(kLeaks);
  if (!leaks.empty()) {
    throw std::runtime_error("one tenant could reach another: " + leaks[0][0].as<std::string>());
  }
}

std::vector<std::string> tenants(pqxx::work& work) {
  std::vector<std::string> ids;
  for (const auto& row : work.exec("SELECT id FROM serai_platform.serai_tenant_list ORDER BY id")) {
    ids.push_back(row[0].as<std::string>());
  }
  return ids;
}

void act_for(pqxx::work& work, const std::string& tenant) {
  work.exec_params("SELECT pg_catalog.set_config('serai.tenant_id', $1, true)", tenant);
}

// One portable statement of an owner's migration, with all that the engine wants around it.
void run(pqxx::work& work, Schema schema, const std::string& prefix, std::string_view statement) {
  const bool plugin = schema == Schema::tenants && !prefix.empty();
  if (plugin) {
    if (const auto why = forbidden_to_plugins(tokenize(statement), true); !why.empty()) {
      throw std::runtime_error("it may not contain " + why);
    }
  }
  if (schema == Schema::platform || !changes_rows(statement)) {
    for (const std::string& one : to_postgres(statement, schema)) work.exec(one);
    if (!plugin) return;
    const auto tokens = tokenize(statement);
    if (!tokens[0].is("create") || (!tokens[1].is("table") && !tokens[1].is("view"))) return;
    const std::size_t at = tokens[2].is("if") ? 5 : 2;
    work.exec("GRANT SELECT, INSERT, UPDATE, DELETE ON " + std::string(tokens[at].text) + " TO " +
              plugin_role(prefix));
    return;
  }
  // Rows are written with the rights of who they belong to: another plugin's tables stay closed.
  const std::string sql = read_statement(statement, schema).sql;
  for (const std::string& tenant : tenants(work)) {
    act_for(work, tenant);
    if (plugin) work.exec("SET LOCAL ROLE " + plugin_role(prefix));
    work.exec(sql);
    if (plugin) work.exec("RESET ROLE");
  }
  act_for(work, "");
}

AppliedSteps applied_of(pqxx::work& work, Schema schema, const std::string& owner) {
  AppliedSteps result;
  for (const auto& row : work.exec_params(
           "SELECT number, name, checksum, down, applied_at FROM serai_platform.serai_migrations "
           "WHERE scope = $1 AND owner = $2",
           scope(schema), owner)) {
    result[row[0].as<int>()] = {row[1].as<std::string>(), row[2].as<std::string>(),
                                row[3].as<std::string>(), row[4].as<std::string>()};
  }
  return result;
}

}  // namespace

AppliedSteps applied(Session& platform, Schema schema, const std::string& owner) {
  const Rows rows = platform.query(
      "SELECT number, name, checksum, down, applied_at FROM serai_migrations WHERE scope = $1 AND "
      "owner = $2",
      {std::string_view(scope(schema)), owner});
  AppliedSteps result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result[static_cast<int>(rows.integer(i, "number"))] = {
        rows.text(i, "name"), rows.text(i, "checksum"), rows.text(i, "down"),
        rows.text(i, "applied_at")};
  }
  return result;
}

std::vector<std::string> seeds_of(const PreparedSet::Step& step) {
  std::vector<std::string> seeds;
  for (const std::string_view statement : split_statements(step.up)) {
    if (changes_rows(statement)) seeds.emplace_back(statement);
  }
  return seeds;
}

Migrator::Migrator(std::string owner) : owner_(std::move(owner)) {}

void Migrator::apply(Schema schema, const PreparedSet& set) const {
  OwnerConnection connection(owner_, schema);
  AppliedSteps done;
  {
    pqxx::work work(*connection);
    if (schema == Schema::tenants && !set.prefix.empty()) {
      work.exec_params("SELECT serai.ensure_plugin_role($1)",
                       set.prefix.substr(0, set.prefix.size() - 1));
    }
    done = applied_of(work, schema, set.owner);
    work.commit();
  }
  refuse_changed(set, done);
  for (const auto& step : set.steps) {
    if (done.contains(step.number)) continue;
    try {
      pqxx::work work(*connection);
      for (const std::string_view statement : split_statements(step.up)) {
        run(work, schema, set.prefix, statement);
      }
      if (schema == Schema::tenants) refuse_leaks(work);
      if (schema == Schema::tenants && !seeds_of(step).empty()) {
        work.exec_params(
            "INSERT INTO serai_platform.serai_tenant_seeds (tenant, owner, number) "
            "SELECT id, $1, $2 FROM serai_platform.serai_tenant_list ON CONFLICT DO NOTHING",
            set.owner, step.number);
      }
      work.exec_params(
          "INSERT INTO serai_platform.serai_migrations "
          "(scope, owner, number, name, checksum, down, applied_at) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7)",
          scope(schema), set.owner, step.number, step.name, step.checksum, step.down,
          to_text(now()));
      work.commit();
    } catch (const std::exception& error) {
      throw std::runtime_error(migration_title(set.owner, step.number, step.name) +
                               " failed: " + error.what());
    }
  }
}

void Migrator::undo(Schema schema, const std::string& owner, int number) const {
  OwnerConnection connection(owner_, schema);
  const std::string prefix = of_host(owner) ? "" : table_prefix(owner);
  try {
    pqxx::work work(*connection);
    const AppliedSteps done = applied_of(work, schema, owner);
    for (auto step = done.rbegin(); step != done.rend() && step->first > number; ++step) {
      for (const std::string_view statement : split_statements(step->second.down)) {
        run(work, schema, prefix, statement);
      }
      work.exec_params(
          "DELETE FROM serai_platform.serai_migrations WHERE scope = $1 AND owner = $2 AND "
          "number = $3",
          scope(schema), owner, step->first);
      if (schema == Schema::tenants) {
        work.exec_params(
            "DELETE FROM serai_platform.serai_tenant_seeds WHERE owner = $1 AND number = $2", owner,
            step->first);
      }
    }
    work.commit();
  } catch (const std::exception& error) {
    throw std::runtime_error(owner + ": undoing to " + std::to_string(number) +
                             " failed: " + error.what());
  }
}

}  // namespace host::storage::postgres
