#include "storage/sql_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace host::storage {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// End of the quoted piece that begins at `start`; a doubled quote stands for itself.
std::size_t quote_end(std::string_view sql, std::size_t start) {
  const char quote = sql[start];
  for (std::size_t at = start + 1; at < sql.size(); ++at) {
    if (sql[at] != quote) continue;
    if (at + 1 < sql.size() && sql[at + 1] == quote) {
      ++at;
      continue;
    }
    return at + 1;
  }
  throw std::invalid_argument("a quote is not closed");
}

// Past white space and comments from `at` on.
std::size_t skip_blank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    const char c = sql[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const std::size_t end = sql.find("*/", at + 2);
      if (end == std::string_view::npos) throw std::invalid_argument("a comment is not closed");
      at = end + 2;
    } else {
      break;
    }
  }
  return at;
}

constexpr std::array<std::string_view, 11> kLongSymbols = {"->>", "#>>", "->", "#>", "::", "||",
                                                           "<=",  ">=",  "<>", "!=", "@>"};

std::size_t token_length(std::string_view sql, std::size_t at, TokenKind& kind) {
  const char c = sql[at];
  std::size_t end = at + 1;
  if (c == '\'' || c == '"' || c == '`') {
    kind = c == '\'' ? TokenKind::string : TokenKind::quoted;
    return quote_end(sql, at) - at;
  }
  if (letter(c)) {
    kind = TokenKind::word;
    while (end < sql.size() && (letter(sql[end]) || digit(sql[end]))) ++end;
    return end - at;
  }
  if (digit(c)) {
    kind = TokenKind::number;
    while (end < sql.size() && (letter(sql[end]) || digit(sql[end]) || sql[end] == '.')) ++end;
    return end - at;
  }
  if (c == '$' || c == '?' || (c == ':' && end < sql.size() && letter(sql[end]))) {
    kind = TokenKind::placeholder;
    while (end < sql.size() && (letter(sql[end]) || digit(sql[end]))) ++end;
    return end - at;
  }
  kind = TokenKind::symbol;
  for (const std::string_view symbol : kLongSymbols) {
    if (sql.substr(at, symbol.size()) == symbol) return symbol.size();
  }
  return 1;
}

}  // namespace

bool SqlToken::is(std::string_view keyword) const {
  return kind == TokenKind::word &&
         std::equal(text.begin(), text.end(), keyword.begin(), keyword.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string SqlToken::name() const {
  if (kind != TokenKind::word && kind != TokenKind::quoted) return {};
  std::string result(kind == TokenKind::quoted ? text.substr(1, text.size() - 2) : text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::vector<SqlToken> tokenize(std::string_view sql) {
  std::vector<SqlToken> tokens;
  for (std::size_t at = skip_blank(sql, 0); at < sql.size(); at = skip_blank(sql, at)) {
    TokenKind kind{};
    const std::size_t length = token_length(sql, at, kind);
    tokens.push_back({kind, sql.substr(at, length), at});
    at += length;
  }
  return tokens;
}

std::vector<std::string_view> split_statements(std::string_view sql) {
  std::vector<std::string_view> statements;
  std::size_t start = std::string_view::npos, end = 0;
  const auto finish = [&] {
    if (start != std::string_view::npos) statements.push_back(sql.substr(start, end - start));
    start = std::string_view::npos;
  };
  for (const SqlToken& token : tokenize(sql)) {
    if (token.symbol(";")) {
      finish();
      continue;
    }
    if (start == std::string_view::npos) start = token.offset;
    end = token.offset + token.text.size();
  }
  finish();
  return statements;
}

int highest_placeholder(std::string_view sql) {
  int highest = 0;
  for (const SqlToken& token : tokenize(sql)) {
    if (token.kind != TokenKind::placeholder || token.text.front() != '$') continue;
    int number = 0;
    std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
    highest = std::max(highest, number);
  }
  return highest;
}

std::string table_prefix(std::string_view owner) {
  if (owner == "host" || owner.starts_with("host-") || owner.starts_with("serai_")) {
    return "serai_";
  }
  std::string prefix(owner);
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  return prefix + "_";
}

}  // namespace host::storage
