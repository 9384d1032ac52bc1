// What the engine of the house's database tells of itself, for who compares rows: which tables
// there are, whose a row is, and whether anything was committed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/store.hpp"

namespace host::cli::isolation_test {

class Books {
 public:
  virtual ~Books() = default;
  // Of the tenant's own database, or of the platform's.
  virtual std::vector<std::string> tables(storage::Session& session, bool platform) const = 0;
  virtual std::vector<std::string> columns(storage::Session& session,
                                           const std::string& table) const = 0;
  // Equal: nothing has been committed there in between. Empty: unknown. Where one log serves all,
  // a commit of anybody changes it.
  virtual std::string mark_of_tenant(const std::string& tenant) const = 0;
  virtual std::string mark_of_platform() const = 0;
};

std::unique_ptr<Books> sqlite_books(std::filesystem::path data);
// `store` must outlive it. `token_of`: with which the rows of a tenant are read.
std::unique_ptr<Books> postgres_books(storage::Store& store,
                                      std::function<CallToken(const std::string& tenant)> token_of);

}  // namespace host::cli::isolation_test
