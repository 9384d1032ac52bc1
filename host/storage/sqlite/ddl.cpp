#include "storage/sqlite/ddl.hpp"

#include "storage/ddl_text.hpp"

namespace host::storage::sqlite {
namespace {

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

}  // namespace

std::string to_sqlite(std::string_view statement) {
  const Tokens tokens = tokenize(statement);
  std::vector<std::size_t> types;
  const bool table = creates_table(tokens);
  if (table) {
    for (const TableItem& item : table_items(tokens)) {
      if (!item.constraint && item.end > item.begin + 1) types.push_back(item.begin + 1);
    }
  }
  if (adds_column(tokens)) types = {6};

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
