// A row as both engines give it, as one canonical sequence of bytes (RFC 8949 CBOR), and the hash
// over the rows of a table. Values; no database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"
#include "storage/sql.hpp"

namespace host::moves {

// An array of the values of the table's columns in their order: null, integer, number, text, bytes.
using Row = nlohmann::json;

Row row_of(const storage::Rows& rows, std::size_t row);

// What a row becomes as values of a statement. Views into `row`, which must outlive them. Throws
// Problem(422) for what no engine has.
void append_values(const Row& row, std::vector<storage::Value>& values);
storage::Value value_of(const Row& value);

std::string encoded(const Row& row);

// SHA-256 over the encoded rows in the order in which they are given.
class RowHash {
 public:
  void add_encoded(std::string_view row);
  void add(const Row& row) { add_encoded(encoded(row)); }
  std::int64_t rows() const { return rows_; }
  // 64 lower-case hex digits.
  std::string digits() const { return hash_.digits(); }

 private:
  Sha256 hash_;
  std::int64_t rows_ = 0;
};

}  // namespace host::moves
