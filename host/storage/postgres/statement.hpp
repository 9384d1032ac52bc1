// What becomes of a statement before PostgreSQL sees it. The server is sent our own reading of the
// text (tokens, one space between), never the text itself: so there is no comment, quote or escape
// that it could read otherwise than the rules here did.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/sql_text.hpp"

namespace host::storage::postgres {

struct Statement {
  std::string sql;               // as it is sent
  std::size_t placeholders = 0;  // the highest n of $n
  bool reads_only = false;       // takes no write lock, may be asked again after a lost connection
  // Why a plugin may not run it; empty: it may. Tables are not judged here but by the engine, which
  // asks the plugin's role. The rules keep out what no role can: functions and settings.
  std::string forbidden;
};

enum class Schema : std::uint8_t { platform, tenants };

// The tokens as one text that means the same.
std::string canonical(const std::vector<SqlToken>& tokens);

// Why a plugin may not run these tokens; empty: it may. `migration`: DDL is allowed too.
std::string forbidden_to_plugins(const std::vector<SqlToken>& tokens, bool migration);

// Remembers statements by their text; thread-safe.
class Statements {
 public:
  explicit Statements(Schema schema) : schema_(schema) {}
  // Throws SqlError(syntax) for what is no single statement or cannot work in this schema.
  std::shared_ptr<const Statement> get(std::string_view sql);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  const Schema schema_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Statement>, Hash, std::equal_to<>> known_;
};

// The statement of a tenant's session: conflict targets begin with tenant_id, as the indexes do.
Statement read_statement(std::string_view sql, Schema schema);

}  // namespace host::storage::postgres
