// Which migrations an older version of their owner could not live with: expand and contract.
#include <algorithm>
#include <vector>

#include "storage/ddl_text.hpp"
#include "storage/migration.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {
namespace {

bool anywhere(const Tokens& tokens, std::string_view word) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const auto& token) { return token.is(word); });
}

// Of a statement that has passed lint(); `made`: tables of the same migration, which no older
// version knows.
std::string contraction_of(const Tokens& tokens, const std::vector<std::string>& made) {
  const auto is_new = [&](const SqlToken& table) {
    return std::find(made.begin(), made.end(), table.name()) != made.end();
  };
  const std::size_t named = tokens.size() > 2 && tokens[2].is("if") ? 4 : 2;
  if (tokens[0].is("drop") && !tokens[1].is("index") && named < tokens.size())
    return "drops " + tokens[named].name();
  if (tokens[0].is("create") && tokens[1].is("unique")) {
    const auto on = std::find_if(tokens.begin(), tokens.end(),
                                 [](const auto& token) { return token.is("on"); });
    if (on != tokens.end() && !is_new(on[1])) return "makes columns of " + on[1].name() + " unique";
  }
  if (!tokens[0].is("alter") || is_new(tokens[2])) return {};
  const std::string table = tokens[2].name();
  if (adds_column(tokens)) {
    if (anywhere(tokens, "not") && anywhere(tokens, "null") && !anywhere(tokens, "default"))
      return "adds a column to " + table + " that must be given";
    return {};
  }
  return tokens[3].is("drop") ? "drops a column of " + table
         : tokens[4].is("to") ? "renames " + table
                              : "renames a column of " + table;
}

}  // namespace

std::string contraction(std::string_view up) {
  std::vector<std::string> made;
  for (const std::string_view statement : split_statements(up)) {
    const Tokens tokens = tokenize(statement);
    if (creates_table(tokens)) made.push_back(tokens[tokens[2].is("if") ? 5 : 2].name());
    if (auto found = contraction_of(tokens, made); !found.empty()) return found;
  }
  return {};
}

}  // namespace host::storage
