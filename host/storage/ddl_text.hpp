// The parts of portable DDL that both engines' emitters need to find. Statements have passed
// lint(), which allows no other forms.
#pragma once

#include <cstddef>
#include <vector>

#include "storage/sql_text.hpp"

namespace host::storage {

using Tokens = std::vector<SqlToken>;

// CREATE TABLE and ALTER TABLE t ADD COLUMN c type (whose type is token 6).
bool creates_table(const Tokens& tokens);
bool adds_column(const Tokens& tokens);

// What stands between two commas of a CREATE TABLE: a column (name, type, constraints) or a
// constraint of the table. Positions of tokens, end exclusive.
struct TableItem {
  std::size_t begin, end;
  bool constraint;
};
std::vector<TableItem> table_items(const Tokens& tokens);

// The position behind the parenthesis that closes the one at `open`; tokens.size() if none does.
std::size_t behind_parenthesis(const Tokens& tokens, std::size_t open);

}  // namespace host::storage
