#include "storage/postgres/ddl.hpp"

#include <algorithm>
#include <stdexcept>

#include "storage/ddl_text.hpp"

namespace host::storage::postgres {
namespace {

// What stands in place of a portable type. Text compares by code point whatever the database's
// locale is; times and ids are text of a fixed form, as on SQLite.
std::string column_type(const SqlToken& type) {
  if (type.is("text")) return "text COLLATE \"C\"";
  if (type.is("bigint")) return "bigint";
  if (type.is("double")) return "double precision";
  if (type.is("blob")) return "bytea";
  if (type.is("boolean")) return "boolean";
  if (type.is("json")) return "json";
  // Domains: a CHECK of the table is parsed anew by every statement that writes a row, and computed
  // for columns that it leaves alone, too.
  if (type.is("uuid")) return "serai.uuid_text";
  if (type.is("timestamp")) return "serai.timestamp_text";
  return std::string(type.text);
}

// The same for a column added to a table: one of a domain would have the whole table written anew,
// under a lock that keeps everybody out. A CHECK only has it read.
std::string added_type(const SqlToken& column, const SqlToken& type) {
  const std::string wanted = column_type(type);
  if (!wanted.starts_with("serai.")) return wanted;
  const std::string name(column.text);
  return "text COLLATE \"C\" CHECK (CAST(" + name + " AS " + wanted + ") = " + name + ")";
}

std::string text_of(const Tokens& tokens, std::size_t begin, std::size_t end) {
  return canonical({tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                    tokens.begin() + static_cast<std::ptrdiff_t>(end)});
}

bool word(const Tokens& tokens, std::size_t at, std::string_view wanted) {
  return at < tokens.size() && tokens[at].is(wanted);
}
bool symbol(const Tokens& tokens, std::size_t at, std::string_view wanted) {
  return at < tokens.size() && tokens[at].symbol(wanted);
}

// One CREATE TABLE or ADD COLUMN: definitions of columns and of constraints, in their order.
class TenantTable {
 public:
  explicit TenantTable(const Tokens& tokens) : tokens_(tokens) {}

  // A column whose constraints are taken apart: those that name a key become the table's.
  void column(std::size_t begin, std::size_t end) {
    const std::string name(tokens_[begin].text);
    std::string kept = name + " " +
                       (adds_column(tokens_) ? added_type(tokens_[begin], tokens_[begin + 1])
                                             : column_type(tokens_[begin + 1]));
    for (std::size_t i = begin + 2; i < end;) {
      if (word(tokens_, i, "primary")) {
        kept += " NOT NULL";
        keyed_ = true;
        constraints_.push_back("PRIMARY KEY (tenant_id, " + name + ")");
        i += 2;
      } else if (word(tokens_, i, "unique")) {
        constraints_.push_back("UNIQUE (tenant_id, " + name + ")");
        ++i;
      } else if (word(tokens_, i, "references")) {
        const std::size_t next = reference_end(i, end);
        constraints_.push_back("FOREIGN KEY (tenant_id, " + name + ") " + reference(i, next, name));
        i = next;
      } else {
        const std::size_t next = symbol(tokens_, i, "(") ? behind_parenthesis(tokens_, i) : i + 1;
        kept += ' ' + text_of(tokens_, i, next);
        i = next;
      }
    }
    columns_.push_back(std::move(kept));
  }

  void constraint(std::size_t begin, std::size_t end) {
    std::string text;
    std::size_t at = begin;
    if (word(tokens_, at, "constraint")) {
      text = "CONSTRAINT " + std::string(tokens_[at + 1].text) + " ";
      at += 2;
    }
    if (word(tokens_, at, "primary")) keyed_ = true;
    const bool key =
        word(tokens_, at, "primary") || word(tokens_, at, "unique") || word(tokens_, at, "foreign");
    if (!key) {
      constraints_.push_back(text + text_of(tokens_, at, end));
      return;
    }
    const bool foreign = word(tokens_, at, "foreign");
    std::size_t open = at;
    while (open < end && !symbol(tokens_, open, "(")) ++open;
    const std::size_t close = behind_parenthesis(tokens_, open);
    const std::string columns = text_of(tokens_, open + 1, close - 1);
    text += text_of(tokens_, at, open) + " (tenant_id, " + columns + ")";
    if (foreign)
      text += " " + reference(close, end, columns);
    else
      text += " " + text_of(tokens_, close, end);
    constraints_.push_back(std::move(text));
  }

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::string>& constraints() const { return constraints_; }
  bool keyed() const { return keyed_; }

 private:
  // Behind REFERENCES t [(columns)] [ON DELETE|UPDATE action]...
  std::size_t reference_end(std::size_t at, std::size_t end) const {
    at += 2;
    if (symbol(tokens_, at, "(")) at = behind_parenthesis(tokens_, at);
    while (at < end && word(tokens_, at, "on")) {
      at += word(tokens_, at + 2, "set") || word(tokens_, at + 2, "no") ? 4 : 3;
    }
    return std::min(at, end);
  }

  std::string reference(std::size_t at, std::size_t end, const std::string& columns) const {
    std::string text = "REFERENCES " + std::string(tokens_[at + 1].text);
    at += 2;
    if (symbol(tokens_, at, "(")) {
      const std::size_t close = behind_parenthesis(tokens_, at);
      text += " (tenant_id, " + text_of(tokens_, at + 1, close - 1) + ")";
      at = close;
    }
    while (at < end && word(tokens_, at, "on")) {
      const bool set = word(tokens_, at + 2, "set");
      const std::size_t next = at + (set || word(tokens_, at + 2, "no") ? 4 : 3);
      text += " " + text_of(tokens_, at, std::min(next, end));
      // The tenant stays when the reference goes; PostgreSQL can say so of ON DELETE only.
      if (set && word(tokens_, at + 1, "update")) {
        throw std::runtime_error("ON UPDATE SET would change tenant_id; leave it out");
      }
      if (set) text += " (" + columns + ")";
      at = next;
    }
    if (at < end) text += " " + text_of(tokens_, at, end);
    return text;
  }

  const Tokens& tokens_;
  std::vector<std::string> columns_, constraints_;
  bool keyed_ = false;
};

// Without a tenant the setting is NULL or empty, and no row has that (the table's CHECK). Not
// serai_tenant(), which costs a tenth of reading a row. For what is written, too.
std::vector<std::string> guard(const std::string& table) {
  return {"ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY",
          "ALTER TABLE " + table + " FORCE ROW LEVEL SECURITY",
          "CREATE POLICY serai_tenant ON " + table +
              " USING (tenant_id = pg_catalog.current_setting('serai.tenant_id', true))"};
}

std::vector<std::string> tenant_table(const Tokens& tokens) {
  TenantTable table(tokens);
  for (const TableItem& item : table_items(tokens)) {
    if (item.constraint)
      table.constraint(item.begin, item.end);
    else
      table.column(item.begin, item.end);
  }
  std::size_t open = 2;
  while (!symbol(tokens, open, "(")) ++open;
  const std::string name(tokens[open - 1].text);
  std::string text = text_of(tokens, 0, open) + " (";
  for (const std::string& column : table.columns()) text += column + ", ";
  text +=
      "tenant_id text COLLATE \"C\" NOT NULL DEFAULT serai.serai_tenant() CHECK (tenant_id <> '')";
  for (const std::string& constraint : table.constraints()) text += ", " + constraint;
  std::vector<std::string> statements{text + ")"};
  // Rows of a table without a key are found by their tenant too.
  if (!table.keyed()) statements.push_back("CREATE INDEX ON " + name + " (tenant_id)");
  const auto guards = guard(name);
  statements.insert(statements.end(), guards.begin(), guards.end());
  return statements;
}

// CREATE [UNIQUE] INDEX name ON table ( -> with tenant_id in front.
std::string tenant_index(const Tokens& tokens) {
  std::size_t open = 0;
  while (open < tokens.size() && !symbol(tokens, open, "(")) ++open;
  if (open == tokens.size()) throw std::runtime_error("an index without columns");
  return text_of(tokens, 0, open + 1) + " tenant_id, " + text_of(tokens, open + 1, tokens.size());
}

std::string tenant_column(const Tokens& tokens) {
  TenantTable table(tokens);
  table.column(5, tokens.size());
  std::string text = text_of(tokens, 0, 5) + " " + table.columns().front();
  for (const std::string& constraint : table.constraints()) text += ", ADD " + constraint;
  return text;
}

std::vector<std::string> platform_statement(const Tokens& tokens) {
  std::string text;
  std::size_t copied = 0;
  const auto put = [&](std::size_t at, const std::string& type) {
    text += text_of(tokens, copied, at) + " " + type + " ";
    copied = at + 1;
  };
  if (adds_column(tokens)) put(6, added_type(tokens[5], tokens[6]));
  if (creates_table(tokens)) {
    for (const TableItem& item : table_items(tokens)) {
      if (!item.constraint && item.end > item.begin + 1)
        put(item.begin + 1, column_type(tokens[item.begin + 1]));
    }
  }
  return {text + text_of(tokens, copied, tokens.size())};
}

}  // namespace

bool changes_rows(std::string_view statement) {
  const Tokens tokens = tokenize(statement);
  return !tokens.empty() &&
         (tokens[0].is("insert") || tokens[0].is("update") || tokens[0].is("delete"));
}

std::vector<std::string> to_postgres(std::string_view statement, Schema schema) {
  const Tokens tokens = tokenize(statement);
  if (schema == Schema::platform) return platform_statement(tokens);
  for (const SqlToken& token : tokens) {
    if (token.name() == "tenant_id") {
      throw std::runtime_error("it names tenant_id, which the host puts into every table itself");
    }
  }
  if (creates_table(tokens)) return tenant_table(tokens);
  if (adds_column(tokens)) return {tenant_column(tokens)};
  const bool create = word(tokens, 0, "create");
  if (create && (word(tokens, 1, "index") || word(tokens, 2, "index"))) {
    return {tenant_index(tokens)};
  }
  // A view answers with the rights, and the tenant, of who asks.
  if (create && word(tokens, 1, "view")) {
    return {text_of(tokens, 0, 3) + " WITH (security_invoker = true) " +
            text_of(tokens, 3, tokens.size())};
  }
  return {canonical(tokens)};
}

}  // namespace host::storage::postgres
