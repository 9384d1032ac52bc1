// A store in a folder of its own, and tokens of its tenants: what every storage test starts from.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/token_mint.hpp"

namespace host::storage::testing {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("serai-test-" + random_hex(8))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline CallToken token(const std::string& tenant, const std::string& plugin = "",
                       std::chrono::milliseconds time = std::chrono::minutes(2)) {
  const CallToken plain = tenancy::TokenMint::for_job(tenant, "user-1", "request-1",
                                                      std::chrono::steady_clock::now() + time);
  return plugin.empty() ? plain : plain.through(plugin);
}

inline MigrationSet crm() {
  return {"crm",
          {{1, "create_clients",
            "CREATE TABLE crm_clients (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, "
            "active boolean NOT NULL DEFAULT TRUE, extra json, at timestamp, cents bigint, "
            "score double, photo blob)",
            "DROP TABLE crm_clients"},
           {2, "create_notes",
            "CREATE TABLE crm_notes (id bigint PRIMARY KEY, client uuid NOT NULL REFERENCES "
            "crm_clients (id) ON DELETE CASCADE, body text NOT NULL);\n"
            "CREATE INDEX crm_notes_client ON crm_notes (client);",
            "DROP TABLE crm_notes"}}};
}

struct World {
  World() { store->register_tenant(crm()); }
  CallToken make(const std::string& tenant) {
    store->create(token(tenant));
    return token(tenant);
  }
  void reopen() {
    store.reset();
    store = serai_test::make_store(options);
    store->register_tenant(crm());
  }

  Folder folder;
  SqliteOptions options{folder.path(), 500, 3};
  std::unique_ptr<Store> store = serai_test::make_store(options);
};

// The fault of the SqlError that `work` throws; fails the test if it throws none.
template <class Work>
SqlFault fault_of(Work work) {
  try {
    work();
  } catch (const SqlError& error) {
    return error.fault();
  }
  throw std::runtime_error("no SqlError was thrown");
}

}  // namespace host::storage::testing
