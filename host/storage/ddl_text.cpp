#include "storage/ddl_text.hpp"

#include <algorithm>

namespace host::storage {
namespace {

bool begins_constraint(const SqlToken& token) {
  return token.is("primary") || token.is("unique") || token.is("check") || token.is("foreign") ||
         token.is("constraint");
}

}  // namespace

bool creates_table(const Tokens& tokens) {
  return tokens.size() > 3 && tokens[0].is("create") && tokens[1].is("table");
}

bool adds_column(const Tokens& tokens) {
  return tokens.size() > 6 && tokens[0].is("alter") && tokens[3].is("add");
}

std::size_t behind_parenthesis(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].symbol("(")) ++depth;
    if (tokens[i].symbol(")") && --depth == 0) return i + 1;
  }
  return tokens.size();
}

std::vector<TableItem> table_items(const Tokens& tokens) {
  std::vector<TableItem> items;
  const auto open =
      std::find_if(tokens.begin(), tokens.end(), [](const auto& t) { return t.symbol("("); });
  if (open == tokens.end()) return items;
  const auto first = static_cast<std::size_t>(open - tokens.begin());
  const std::size_t last = behind_parenthesis(tokens, first);
  std::size_t begin = first + 1;
  for (std::size_t i = begin; i < last; ++i) {
    if (tokens[i].symbol("(")) {
      i = behind_parenthesis(tokens, i) - 1;
    } else if (tokens[i].symbol(",") || i + 1 == last) {
      if (i > begin) items.push_back({begin, i, begins_constraint(tokens[begin])});
      begin = i + 1;
    }
  }
  return items;
}

}  // namespace host::storage
