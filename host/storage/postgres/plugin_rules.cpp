// What a plugin's statement may contain. Tables are guarded by the plugin's role; what a role
// cannot guard is guarded here: functions with side effects can be called from a SELECT
// (set_config, pg_notify, query_to_xml, lo_import ...), so only known ones may be called, and
// nothing of the catalogues may be named.
#include <algorithm>
#include <array>
#include <set>

#include "storage/ddl_text.hpp"
#include "storage/postgres/statement.hpp"

namespace host::storage::postgres {
namespace {

// Functions without side effects that both engines have, sorted.
constexpr std::array kFunctions =
    std::to_array<std::string_view>({"abs",         "avg",
                                     "cast",        "ceil",
                                     "char_length", "coalesce",
                                     "count",       "cume_dist",
                                     "dense_rank",  "first_value",
                                     "floor",       "gen_random_uuid",
                                     "greatest",    "json_array_length",
                                     "lag",         "last_value",
                                     "lead",        "least",
                                     "length",      "lower",
                                     "ltrim",       "max",
                                     "min",         "nth_value",
                                     "ntile",       "now",
                                     "nullif",      "percent_rank",
                                     "rank",        "replace",
                                     "round",       "row_number",
                                     "rtrim",       "string_agg",
                                     "strpos",      "substr",
                                     "sum",         "trim",
                                     "upper"});

// Words that may stand before a parenthesis without calling anything.
constexpr std::array kWords = std::to_array<std::string_view>(
    {"all",     "and",       "as",     "between", "by",     "case",      "check",  "conflict",
     "default", "distinct",  "else",   "except",  "exists", "filter",    "from",   "having",
     "in",      "intersect", "is",     "join",    "key",    "like",      "limit",  "materialized",
     "not",     "offset",    "on",     "or",      "over",   "returning", "select", "set",
     "then",    "union",     "unique", "using",   "values", "when",      "where"});

// Names that mean something to PostgreSQL without any parenthesis.
constexpr std::array kForbidden = std::to_array<std::string_view>(
    {"current_catalog", "current_role", "current_schema", "current_user", "information_schema",
     "operator", "session_user", "system_user", "user"});

constexpr std::array kCatalogTypes = std::to_array<std::string_view>(
    {"regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
     "regoperator", "regproc", "regprocedure", "regrole", "regtype"});

template <class List>
bool listed(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class Rules {
 public:
  Rules(const Tokens& tokens, bool migration) : tokens_(tokens), migration_(migration) {}

  std::string judge() {
    static constexpr std::array kVerbs =
        std::to_array<std::string_view>({"select", "insert", "update", "delete", "with", "values"});
    static constexpr std::array kSchemaVerbs =
        std::to_array<std::string_view>({"create", "alter", "drop"});
    const std::string verb = tokens_.front().name();
    const bool row_verb = tokens_.front().kind == TokenKind::word && listed(kVerbs, verb);
    if (!row_verb && !(migration_ && listed(kSchemaVerbs, verb))) return "'" + verb + "'";
    ddl_ = !row_verb;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      std::string fault = token(i);
      if (!fault.empty()) return fault;
    }
    return {};
  }

 private:
  bool is(std::size_t at, std::string_view word) const {
    return at < tokens_.size() && tokens_[at].is(word);
  }
  bool symbol(std::size_t at, std::string_view symbol) const {
    return at < tokens_.size() && tokens_[at].symbol(symbol);
  }

  std::string token(std::size_t i) {
    const SqlToken& token = tokens_[i];
    if (token.kind == TokenKind::quoted) return "a quoted name";
    if (token.kind == TokenKind::string && i > 0 && tokens_[i - 1].kind == TokenKind::word &&
        tokens_[i - 1].offset + tokens_[i - 1].text.size() == token.offset) {
      return "a string with a prefix";
    }
    if (token.kind != TokenKind::word) return {};
    const std::string name = token.name();
    if (name.starts_with("pg_") || name.starts_with("serai_") || listed(kForbidden, name) ||
        listed(kCatalogTypes, name)) {
      return "'" + name + "'";
    }
    if (token.is("with")) note_expressions(i);
    if (token.is("into") && !is(i - 1, "insert")) return "INTO";
    // The engine's other schemas are closed to the role anyway.
    const bool table = i > 0 && (is(i - 1, "from") || is(i - 1, "join") || is(i - 1, "into") ||
                                 is(i - 1, "update") || is(i - 1, "only"));
    if (table && symbol(i + 1, ".")) return "a table with a schema";
    // Only before a query may the rows come: no changes inside of a WITH, as on SQLite.
    if ((token.is("insert") || token.is("update") || token.is("delete")) && i > 0 &&
        symbol(i - 1, "(")) {
      return "a change inside of a query";
    }
    return symbol(i + 1, "(") ? call(i, name) : std::string();
  }

  std::string call(std::size_t i, const std::string& name) {
    if (i > 0 && symbol(i - 1, ".")) return "a function of a schema";
    if (listed(kFunctions, name) || listed(kWords, name)) return {};
    if (expressions_.contains(i)) return {};                         // WITH name (columns) AS
    if (i > 0 && (is(i - 1, "into") || is(i - 1, "as"))) return {};  // columns of a table, an alias
    const bool of_table =
        ddl_ && (is(i - 1, "table") || is(i - 1, "references") || is(i - 1, "exists") ||
                 (is(i - 1, "on") && is(1, "index")) || (is(i - 1, "on") && is(2, "index")));
    if (of_table) return {};
    return "the function '" + name + "'";
  }

  // The names that a WITH defines, where columns follow them.
  void note_expressions(std::size_t with) {
    std::size_t at = with + 1;
    if (is(at, "recursive")) ++at;
    while (at < tokens_.size() && tokens_[at].kind == TokenKind::word) {
      const std::size_t name = at++;
      if (symbol(at, "(")) at = behind_parenthesis(tokens_, at);
      if (!is(at, "as")) return;
      ++at;
      if (is(at, "not")) ++at;
      if (is(at, "materialized")) ++at;
      if (!symbol(at, "(")) return;
      expressions_.insert(name);
      at = behind_parenthesis(tokens_, at);
      if (!symbol(at, ",")) return;
      ++at;
    }
  }

  const Tokens& tokens_;
  const bool migration_;
  bool ddl_ = false;
  std::set<std::size_t> expressions_;
};

}  // namespace

std::string forbidden_to_plugins(const Tokens& tokens, bool migration) {
  return Rules(tokens, migration).judge();
}

}  // namespace host::storage::postgres
