// Values on their way to the server, and rows on their way back.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "storage/rows_data.hpp"
#include "storage/sql.hpp"

struct pg_result;

namespace host::storage::postgres {

// Parameters as libpq wants them. Everything but bytes goes as text without a type, so that the
// server takes the type the statement asks for, as SQLite does. Views into the values given.
class Parameters {
 public:
  // Throws SqlError(check) for text that PostgreSQL cannot hold (NUL).
  explicit Parameters(std::span<const Value> values);

  int size() const { return static_cast<int>(data_.size()); }
  const char* const* data() const { return data_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  const unsigned* types() const { return types_.data(); }
  std::size_t bytes() const { return bytes_; }
  // Distinguishes statements whose types differ: "b" for bytes, "-" for anything else.
  const std::string& signature() const { return signature_; }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> data_;
  std::vector<int> lengths_, formats_;
  std::vector<unsigned> types_;
  std::string signature_;
  std::size_t bytes_ = 0;
};

// Which columns of a result are given on; tenant_id of a tenant's tables is not.
std::vector<int> given_columns(const pg_result* result, bool hide_tenant, Rows::Data& data);
void append_rows(const pg_result* result, const std::vector<int>& columns, Rows::Data& data);

}  // namespace host::storage::postgres
