// A lexer for the SQL we accept: enough to split statements, to translate column types and to
// refuse what does not run alike on both engines. It is not a parser, and nobody relies on it for
// security: tables are guarded by the engine itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace host::storage {

enum class TokenKind : std::uint8_t { word, quoted, string, number, placeholder, symbol };

struct SqlToken {
  TokenKind kind;
  std::string_view text;  // into the text given; quotes included
  std::size_t offset;

  // Case-insensitive comparison of an unquoted word.
  bool is(std::string_view keyword) const;
  bool symbol(std::string_view wanted) const { return kind == TokenKind::symbol && text == wanted; }
  // The identifier without its quotes, in lower case; empty if this is no identifier.
  std::string name() const;
};

// Comments and white space are dropped. Throws std::invalid_argument for an unterminated quote or
// comment.
std::vector<SqlToken> tokenize(std::string_view sql);

// Statements between ';' outside of quotes, empty ones left out. The views point into `sql`.
std::vector<std::string_view> split_statements(std::string_view sql);

// The highest n among the placeholders $n; 0 without any.
int highest_placeholder(std::string_view sql);

// "crm_" for "crm", "inbound_email_" for "inbound-email", "serai_" for the
// host's rooms: "host", "host-<room>" and "serai_<room>", none of which can be a plugin's id.
std::string table_prefix(std::string_view owner);

}  // namespace host::storage
