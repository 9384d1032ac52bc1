// A store on a PostgreSQL database of its own, with two plugins' tables and tenants.
#pragma once

#include <memory>
#include <string>

#include "storage/postgres/connection.hpp"
#include "storage/postgres/roles.hpp"
#include "storage/store.hpp"
#include "support/postgres_server.hpp"
#include "support/test_store.hpp"
#include "unit/storage/world.hpp"

namespace host::storage::testing {

inline MigrationSet mail() {
  return {"mail",
          {{1, "create_letters",
            "CREATE TABLE mail_letters (id bigint PRIMARY KEY, body text);"
            "INSERT INTO mail_letters (id, body) VALUES (1, 'private')",
            "DROP TABLE mail_letters"}}};
}

struct PostgresHouse {
  explicit PostgresHouse(std::size_t connections = 16) {
    options.connections = connections;
    open();
  }
  void open() {
    store.reset();
    store = another();
  }
  // One more node of the same house.
  std::unique_ptr<Store> another() const {
    auto node = make_postgres_store(options);
    node->register_tenant(crm());
    node->register_tenant(mail());
    return node;
  }
  CallToken make(const std::string& tenant) const {
    store->create(token(tenant));
    return token(tenant);
  }
  std::string as_superuser(const std::string& sql) const {
    return serai_test::PostgresServer::shared().sql(serai_test::database_of(folder.path()), sql);
  }
  postgres::ConnectionOptions login(std::string_view role) const {
    postgres::ConnectionOptions login;
    login.connection = options.connection;
    login.role = role;
    login.search_path = postgres::kTenantsPath;
    return login;
  }
  // A connection below the store, as whatever takes over one of its connections would have it.
  std::unique_ptr<postgres::Connection> raw(std::string_view role) const {
    return std::make_unique<postgres::Connection>(login(role));
  }

  Folder folder;
  PostgresOptions options = serai_test::postgres_options(folder.path());
  std::unique_ptr<Store> store;
};

inline void add_client(Session& session, const std::string& id, const std::string& email) {
  session.execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", {id, email});
}

inline std::int64_t count(Session& session, const std::string& table) {
  return session.query("SELECT count(*) AS n FROM " + table).integer(0, "n");
}

// SQLSTATE of one statement, "" if it went well.
inline std::string state_of(postgres::Connection& connection, const std::string& sql) {
  const postgres::Message message{sql, nullptr, {}};
  const auto outcome = connection.run(std::span(&message, 1), {});
  return outcome.failure ? outcome.failure->state : "";
}

}  // namespace host::storage::testing
