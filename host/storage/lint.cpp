// What may stand in a migration and in a plugin's statement so that it runs alike on both engines:
// the rules of README.md in this folder.
#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "storage/migration.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {
namespace {

struct Rule {
  std::string_view word;
  std::string_view mend;
};

constexpr Rule kForbiddenWords[] = {
    {"ilike", "compare lower(a) LIKE lower($1)"},
    {"lateral", "use a window function or two statements"},
    {"rollup", "aggregate in two statements"},
    {"cube", "aggregate in two statements"},
    {"autoincrement", "let the host make UUIDv7 ids"},
    {"serial", "let the host make UUIDv7 ids"},
    {"bigserial", "let the host make UUIDv7 ids"},
    {"identity", "let the host make UUIDv7 ids"},
    {"pragma", "settings belong to the host"},
    {"attach", "a plugin has one database"},
    {"detach", "a plugin has one database"},
    {"vacuum", "upkeep belongs to the host"},
    {"trigger", "write what happens in the plugin"},
    {"virtual", "there is no virtual table on both engines"},
    {"glob", "use LIKE with ESCAPE '!'"},
    {"regexp", "match in the plugin"},
    {"rowid", "give the table a key of its own"},
    {"without", "say nothing about rowids"},
    {"strict", "tables are strict anyway"},
    {"current_timestamp", "use now() or pass the time as a value"},
    {"current_date", "pass the time as a value"},
    {"current_time", "pass the time as a value"},
    {"interval", "pass computed bounds as values"},
    {"extract", "pass computed bounds as values"},
    {"strftime", "pass computed bounds as values"},
    {"datetime", "use the type timestamp and pass values"},
    {"julianday", "pass computed bounds as values"},
    {"percentile_cont", "compute percentiles in the plugin"},
    {"json_extract", "use ->> with CAST"},
    {"group_concat", "use string_agg(x, ',')"},
    {"ifnull", "use coalesce"},
    {"instr", "use strpos"},
    {"random", "let the host make random values"},
    {"temp", "use a common table expression"},
    {"temporary", "use a common table expression"},
    {"collate", "text compares by code point on both engines"},
    {"explain", "is for people"},
    {"begin", "transactions are opened through the host"},
    {"commit", "transactions are opened through the host"},
    {"rollback", "transactions are opened through the host"},
    {"savepoint", "transactions are opened through the host"},
};

constexpr std::array<std::string_view, 8> kTypes = {"text", "bigint", "boolean",   "double",
                                                    "json", "blob",   "timestamp", "uuid"};

using Tokens = std::vector<SqlToken>;

bool word_at(const Tokens& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && tokens[at].is(word);
}
bool symbol_at(const Tokens& tokens, std::size_t at, std::string_view symbol) {
  return at < tokens.size() && tokens[at].symbol(symbol);
}

class MigrationLint {
 public:
  MigrationLint(const MigrationSet& set, std::vector<std::string>& faults)
      : set_(set), prefix_(table_prefix(set.owner)), faults_(faults) {
    if (prefix_ == "serai_") {
      other_prefix_ = set.owner + "_";
      std::replace(other_prefix_.begin(), other_prefix_.end(), '-', '_');
    }
  }

  void check(const Migration& migration) {
    migration_ = &migration;
    if (migration.name.empty() ||
        migration.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") !=
            std::string::npos) {
      fault("is named in other than lower-case letters, digits and '_'");
    }
    text("up", migration.up);
    text("down", migration.down);
  }

 private:
  void fault(const std::string& what) {
    faults_.push_back(set_.owner + ": migration " + std::to_string(migration_->number) + " " +
                      migration_->name + " " + what);
  }

  void text(const char* direction, std::string_view sql) {
    try {
      const auto statements = split_statements(sql);
      if (statements.empty()) fault(std::string("has no ") + direction + "; write one");
      for (const std::string_view statement : statements) {
        if (highest_placeholder(statement) > 0) fault("uses $n; migrations have no values");
        for (const std::string& sentence : lint_statement(statement)) {
          fault(std::string("(") + direction + "): " + sentence);
        }
        structure(tokenize(statement));
      }
    } catch (const std::invalid_argument& error) {
      fault(std::string("(") + direction + "): " + error.what());
    }
  }

  void name(const Tokens& tokens, std::size_t at) {
    if (at >= tokens.size()) return fault("ends where a name should be");
    const std::string found = tokens[at].name();
    const bool ours =
        found.starts_with(prefix_) || (!other_prefix_.empty() && found.starts_with(other_prefix_));
    if (!ours) fault("touches '" + found + "'; names begin with '" + prefix_ + "'");
    if (symbol_at(tokens, at + 1, ".")) fault("names a schema; leave it out");
  }

  std::size_t after_if_exists(const Tokens& tokens, std::size_t at) {
    if (!word_at(tokens, at, "if")) return at;
    return at + (word_at(tokens, at + 1, "not") ? 3 : 2);
  }

  void type(const Tokens& tokens, std::size_t at) {
    if (at < tokens.size() &&
        std::any_of(kTypes.begin(), kTypes.end(), [&](auto t) { return tokens[at].is(t); }) &&
        !symbol_at(tokens, at + 1, "(")) {
      return;
    }
    fault("gives column '" + tokens[at - 1].name() +
          "' no portable type; use text, bigint, boolean, double, json, blob, timestamp or uuid");
  }

  void create_table(const Tokens& tokens, std::size_t at) {
    at = after_if_exists(tokens, at);
    name(tokens, at);
    if (!symbol_at(tokens, at + 1, "(")) return fault("creates a table without a column list");
    int depth = 0;
    bool item_start = false;
    for (std::size_t i = at + 1; i < tokens.size(); ++i) {
      if (tokens[i].symbol("(") && ++depth == 1) {
        item_start = true;
        continue;
      }
      if (tokens[i].symbol(")") && --depth == 0 && i + 1 != tokens.size()) {
        fault("has words behind the column list; leave them out");
      }
      if (depth == 1 && tokens[i].symbol(",")) {
        item_start = true;
        continue;
      }
      if (item_start && depth == 1) {
        static constexpr std::string_view kConstraints[] = {"primary", "unique", "check", "foreign",
                                                            "constraint"};
        const bool constraint = std::any_of(std::begin(kConstraints), std::end(kConstraints),
                                            [&](auto word) { return tokens[i].is(word); });
        if (!constraint) type(tokens, i + 1);
      }
      item_start = false;
    }
  }

  void alter_table(const Tokens& tokens) {
    name(tokens, 2);
    int depth = 0;
    for (const SqlToken& token : tokens) {
      if (token.symbol("(")) ++depth;
      if (token.symbol(")")) --depth;
      if (depth == 0 && token.symbol(",")) fault("changes several columns in one ALTER; split it");
    }
    if (word_at(tokens, 3, "add") && word_at(tokens, 4, "column")) return type(tokens, 6);
    if (word_at(tokens, 3, "drop") && word_at(tokens, 4, "column")) return;
    if (word_at(tokens, 3, "rename") && word_at(tokens, 4, "to")) return name(tokens, 5);
    if (word_at(tokens, 3, "rename") && word_at(tokens, 4, "column")) return;
    fault("alters a table otherwise than ADD COLUMN, DROP COLUMN, RENAME TO or RENAME COLUMN");
  }

  void structure(const Tokens& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].is("references")) name(tokens, i + 1);
      if (tokens[i].is("default") && i + 2 < tokens.size() &&
          tokens[i + 1].kind == TokenKind::word && tokens[i + 2].symbol("(")) {
        fault("calls a function as DEFAULT; put it in parentheses");
      }
    }
    const bool create = word_at(tokens, 0, "create");
    if (create && word_at(tokens, 1, "table")) return create_table(tokens, 2);
    if (create && word_at(tokens, 1, "view")) return name(tokens, 2);
    if (create && (word_at(tokens, 1, "index") ||
                   (word_at(tokens, 1, "unique") && word_at(tokens, 2, "index")))) {
      std::size_t at = after_if_exists(tokens, word_at(tokens, 1, "unique") ? 3 : 2);
      name(tokens, at);
      if (word_at(tokens, at + 1, "on")) return name(tokens, at + 2);
      return fault("creates an index ON nothing");
    }
    if (word_at(tokens, 0, "drop") && (word_at(tokens, 1, "table") || word_at(tokens, 1, "index") ||
                                       word_at(tokens, 1, "view"))) {
      return name(tokens, after_if_exists(tokens, 2));
    }
    if (word_at(tokens, 0, "alter") && word_at(tokens, 1, "table")) return alter_table(tokens);
    if (word_at(tokens, 0, "insert") && word_at(tokens, 1, "into")) return name(tokens, 2);
    if (word_at(tokens, 0, "update")) return name(tokens, 1);
    if (word_at(tokens, 0, "delete") && word_at(tokens, 1, "from")) return name(tokens, 2);
    fault(
        "holds a statement that is none of CREATE TABLE/INDEX/VIEW, ALTER TABLE, DROP, INSERT, "
        "UPDATE, DELETE");
  }

  const MigrationSet& set_;
  std::string prefix_, other_prefix_;
  std::vector<std::string>& faults_;
  const Migration* migration_ = nullptr;
};

void owner_rules(const MigrationSet& set, std::vector<std::string>& faults) {
  const std::string& owner = set.owner;
  if (owner.starts_with("serai_")) return;  // a room of the host; no plugin's id has a '_'
  if (owner.empty() ||
      owner.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
    faults.push_back("'" + owner +
                     "' cannot own migrations; use lower-case letters, digits and '-'");
  }
  for (const std::string reserved : {"serai", "sqlite", "pg"}) {
    if (owner == reserved || owner.starts_with(reserved + "-")) {
      faults.push_back(owner + ": names beginning with '" + reserved +
                       "' are reserved; choose another id");
    }
  }
}

}  // namespace

std::vector<std::string> lint_statement(std::string_view sql) {
  std::vector<std::string> faults;
  Tokens tokens;
  try {
    tokens = tokenize(sql);
  } catch (const std::invalid_argument& error) {
    return {error.what()};
  }
  std::set<std::string_view> told;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    const auto say = [&](std::string_view what, std::string_view mend) {
      if (!told.insert(what).second) return;
      faults.push_back(std::string(what) +
                       " does not run alike on both engines: " + std::string(mend) + ".");
    };
    if (token.symbol("::")) say("'::'", "write CAST(x AS type)");
    if (token.symbol("#>") || token.symbol("#>>") || token.symbol("@>")) {
      say("a JSON path operator", "chain -> and ->>");
    }
    if (token.kind == TokenKind::quoted && token.text.front() == '`') {
      say("'`'", "use plain lower-case names");
    }
    if (token.kind == TokenKind::placeholder &&
        (token.text.size() < 2 || token.text.front() != '$' ||
         token.text.find_first_not_of("0123456789", 1) != std::string_view::npos)) {
      say("a placeholder other than $1, $2", "number the values");
    }
    const bool qualified = i > 0 && tokens[i - 1].symbol(".");
    if (token.kind == TokenKind::word && !qualified) {
      for (const Rule& rule : kForbiddenWords) {
        if (token.is(rule.word)) say(rule.word, rule.mend);
      }
    }
    if (token.is("any") && symbol_at(tokens, i + 1, "(")) say("ANY(...)", "write an IN list");
    if (token.is("distinct") && word_at(tokens, i + 1, "on")) {
      say("DISTINCT ON", "use row_number() OVER (...)");
    }
    if (token.is("for") && word_at(tokens, i + 1, "update")) {
      say("FOR UPDATE", "transactions take the write lock when they begin");
    }
    if ((token.is("insert") || token.is("update")) && word_at(tokens, i + 1, "or")) {
      say("OR REPLACE/IGNORE", "use ON CONFLICT");
    }
    if (token.is("replace") && word_at(tokens, i + 1, "into"))
      say("REPLACE INTO", "use ON CONFLICT");
    if (token.is("like")) {
      bool escaped = false;
      for (std::size_t j = i + 1; j < tokens.size() && !escaped; ++j) {
        if (tokens[j].is("and") || tokens[j].is("or") || tokens[j].is("like")) break;
        escaped = tokens[j].is("escape");
      }
      if (!escaped) say("LIKE without ESCAPE '!'", "the default escape character differs");
    }
  }
  return faults;
}

std::vector<std::string> lint(const MigrationSet& set) {
  std::vector<std::string> faults;
  owner_rules(set, faults);
  int expected = 1;
  MigrationLint rules(set, faults);
  for (const Migration& migration : set.migrations) {
    if (migration.number != expected) {
      faults.push_back(set.owner + ": migration " + std::to_string(migration.number) +
                       " stands where number " + std::to_string(expected) + " should be");
    }
    expected = migration.number + 1;
    rules.check(migration);
  }
  return faults;
}

}  // namespace host::storage
