#include "storage/postgres/statement.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "storage/sql.hpp"

namespace host::storage::postgres {
namespace {

using Tokens = std::vector<SqlToken>;

constexpr std::size_t kKnownStatements = 2000;

[[noreturn]] void refuse(std::string why) { throw SqlError(SqlFault::syntax, std::move(why)); }

bool data_change(const SqlToken& token) {
  return token.is("insert") || token.is("update") || token.is("delete");
}

// Symbols that belong together in PostgreSQL ("<<") stay together; everything else stands apart.
bool joined(const SqlToken& a, const SqlToken& b) {
  if (a.offset + a.text.size() != b.offset) return false;
  const auto alone = [](const SqlToken& token) {
    return token.kind != TokenKind::symbol || token.text == "(" || token.text == ")" ||
           token.text == "," || token.text == ".";
  };
  if (!alone(a) && !alone(b)) return true;
  // 1e-5
  return a.kind == TokenKind::number && (a.text.back() == 'e' || a.text.back() == 'E') &&
         (b.symbol("-") || b.symbol("+"));
}

bool has_column_list(const Tokens& tokens, std::size_t table) {
  std::size_t at = table + 1;
  if (at < tokens.size() && tokens[at].symbol(".")) at += 2;
  if (at < tokens.size() && tokens[at].is("as")) at += 2;
  if (at >= tokens.size()) return false;
  if (tokens[at].is("default")) return true;  // DEFAULT VALUES
  if (!tokens[at].symbol("(") || at + 1 >= tokens.size()) return false;
  const SqlToken& first = tokens[at + 1];
  return !first.is("select") && !first.is("values") && !first.is("with") && !first.symbol("(");
}

// tenant_id is the host's: nobody names it, and no statement counts on where it stands.
Tokens for_tenants(const Tokens& tokens) {
  static constexpr std::array<SqlToken, 2> kTenant{
      {{TokenKind::word, "tenant_id", 0}, {TokenKind::symbol, ",", 0}}};
  Tokens result;
  result.reserve(tokens.size() + kTenant.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.name() == "tenant_id") {
      throw SqlError(SqlFault::denied, "not allowed: tenant_id belongs to the host");
    }
    const bool into = i > 1 && tokens[i - 1].is("into") && tokens[i - 2].is("insert");
    if (into && !has_column_list(tokens, i)) {
      refuse("an INSERT names its columns");
    }
    result.push_back(token);
    if (token.symbol("(") && i > 1 && tokens[i - 1].is("conflict") && tokens[i - 2].is("on")) {
      result.insert(result.end(), kTenant.begin(), kTenant.end());
    }
  }
  return result;
}

}  // namespace

std::string canonical(const Tokens& tokens) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool number =
        i > 1 && joined(tokens[i - 2], tokens[i - 1]) && tokens[i - 2].kind == TokenKind::number;
    if (i > 0 && !number && !joined(tokens[i - 1], tokens[i])) text += ' ';
    text += tokens[i].text;
  }
  return text;
}

Statement read_statement(std::string_view sql, Schema schema) {
  Tokens tokens;
  try {
    tokens = tokenize(sql);
  } catch (const std::invalid_argument& error) {
    refuse(error.what());
  }
  while (!tokens.empty() && tokens.back().symbol(";")) tokens.pop_back();
  const bool second =
      std::any_of(tokens.begin(), tokens.end(), [](const auto& t) { return t.symbol(";"); });
  if (tokens.empty() || second) refuse("exactly one statement is wanted");
  for (const SqlToken& token : tokens) {
    if (token.kind != TokenKind::placeholder) continue;
    const bool number = token.text.size() > 1 && token.text.front() == '$' &&
                        token.text.find_first_not_of("0123456789", 1) == std::string_view::npos;
    if (!number) refuse("a placeholder is not of the form $n");
  }
  Statement statement;
  statement.placeholders = static_cast<std::size_t>(highest_placeholder(sql));
  statement.reads_only =
      (tokens[0].is("select") || tokens[0].is("with") || tokens[0].is("values")) &&
      std::none_of(tokens.begin(), tokens.end(), data_change);
  if (schema == Schema::tenants) {
    statement.forbidden = forbidden_to_plugins(tokens, false);
    tokens = for_tenants(tokens);
  }
  statement.sql = canonical(tokens);
  return statement;
}

std::shared_ptr<const Statement> Statements::get(std::string_view sql) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(sql); found != known_.end()) return found->second;
  }
  auto statement = std::make_shared<const Statement>(read_statement(sql, schema_));
  const std::lock_guard lock(mutex_);
  // Texts made at run time (lists of placeholders) must not pile up.
  if (known_.size() >= kKnownStatements) known_.clear();
  known_.emplace(sql, statement);
  return statement;
}

}  // namespace host::storage::postgres
