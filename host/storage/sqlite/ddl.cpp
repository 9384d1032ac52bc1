#include "storage/sqlite/ddl.hpp"

#include "storage/sql_text.hpp"

namespace host::storage::sqlite {
namespace {

using Tokens = std::vector<SqlToken>;

// What stands in place of a portable type.
std::string column_type(const SqlToken& column, const SqlToken& type) {
  const std::string name(column.text);
  if (type.is("text")) return "TEXT";
  if (type.is("bigint")) return "INTEGER";
  if (type.is("double")) return "REAL";
  if (type.is("blob")) return "BLOB";
  if (type.is("boolean")) return "INTEGER CHECK (" + name + " IN (0, 1))";
  if (type.is("json")) return "TEXT CHECK (json_valid(" + name + "))";
  if (type.is("uuid")) return "TEXT CHECK (length(" + name + ") = 36)";
  if (type.is("timestamp")) {
    return "TEXT CHECK (" + name +
           " GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]."
           "[0-9][0-9][0-9][0-9][0-9][0-9]Z')";
  }
  return std::string(type.text);
}

bool constraint(const SqlToken& token) {
  return token.is("primary") || token.is("unique") || token.is("check") || token.is("foreign") ||
         token.is("constraint");
}

// Positions of the type tokens in a CREATE TABLE: the second token of each item at depth one.
std::vector<std::size_t> types_of_table(const Tokens& tokens) {
  std::vector<std::size_t> found;
  int depth = 0;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].symbol("(")) ++depth;
    if (tokens[i].symbol(")")) --depth;
    const bool opens = (tokens[i].symbol("(") || tokens[i].symbol(",")) && depth == 1;
    if (opens && !constraint(tokens[i + 1])) found.push_back(i + 2);
  }
  return found;
}

}  // namespace

std::string to_sqlite(std::string_view statement) {
  const Tokens tokens = tokenize(statement);
  std::vector<std::size_t> types;
  const bool table = tokens.size() > 3 && tokens[0].is("create") && tokens[1].is("table");
  if (table) types = types_of_table(tokens);
  if (tokens.size() > 6 && tokens[0].is("alter") && tokens[3].is("add")) types = {6};

  std::string result;
  std::size_t copied = 0;
  for (const std::size_t at : types) {
    const SqlToken& type = tokens[at];
    result += statement.substr(copied, type.offset - copied);
    result += column_type(tokens[at - 1], type);
    copied = type.offset + type.text.size();
  }
  result += statement.substr(copied);
  if (table) result += " STRICT";
  return result;
}

}  // namespace host::storage::sqlite
