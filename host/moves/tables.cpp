#include "moves/tables.hpp"

#include <algorithm>
#include <set>

#include "base/problem.hpp"

namespace host::moves {
namespace {

using storage::Session;
using storage::Value;

// Placeholders of one statement: SQLite's bound, and far below PostgreSQL's.
constexpr std::size_t kMostValues = 900;
// A page of a table, by what its rows have weighed so far.
constexpr std::size_t kPageBytes = 4UL << 20, kMostRows = 2000, kFirstRows = 64;

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + in_quotes(name);
  return text;
}

std::string placeholders(std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "$" : ", $") + std::to_string(first + i);
  return text;
}

Table platform(std::string name, std::string tenant_column, std::vector<std::string> columns,
               std::vector<std::string> key) {
  std::sort(columns.begin(), columns.end());
  Table table;
  table.shape = {std::move(name), std::move(columns), std::move(key), true, {}};
  table.tenant_column = std::move(tenant_column);
  return table;
}

std::vector<Table> make_platform_tables() {
  std::vector<Table> all{
      platform("auth_roles", "tenant_id", {"name", "permissions"}, {"name"}),
      platform("auth_users", "tenant_id",
               {"id", "email", "name", "phone", "role", "status", "password", "totp_secret",
                "totp_pending", "totp_counter", "created_at", "updated_at", "last_login_at"},
               {"id"}),
      platform("auth_recovery_codes", "tenant_id", {"user_id", "code_hash"},
               {"user_id", "code_hash"}),
      platform(
          "auth_api_keys", "tenant_id",
          {"id", "user_id", "name", "key_hash", "scopes", "revoked", "created_at", "expires_at"},
          {"id"}),
      platform("auth_invitations", "tenant_id",
               {"id", "email", "name", "role", "token_hash", "state", "invited_by", "created_at",
                "expires_at"},
               {"id"}),
      platform("usage_hours", "tenant", {"plugin", "hour", "unit", "amount"},
               {"plugin", "hour", "unit"})};
  all.back().by_hour = true;
  return all;
}

std::size_t weight(const Row& row) {
  std::size_t bytes = 0;
  for (const auto& value : row) {
    if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
    if (value.is_binary()) bytes += value.get_binary().size();
    bytes += 8;
  }
  return bytes;
}

}  // namespace

const std::vector<Table>& platform_tables() {
  static const auto tables = make_platform_tables();
  return tables;
}

const std::vector<std::pair<std::string_view, std::string_view>>& tables_left_out() {
  static const std::vector<std::pair<std::string_view, std::string_view>> left{
      {"auth_sessions", "people log in again"},
      {"auth_resets", "they ask for another link"},
      {"audit_entries", "goes as an exported, signed chain"},
      {"audit_heads", "goes as an exported, signed chain"},
      {"audit_imported", "goes as an exported, signed chain"},
      {"audit_keys", "the house's own"},
      {"mail_in_addresses", "the other house's administrator gives out its own"},
      {"mail_in_inbox", "nobody's mail"},
      {"plugins_installed", "the house's own"},
      {"plugins_packages", "the house's own"},
      {"plugins_switched_off", "the house's own"},
      {"serai_blob_candidates", "the store's upkeep"},
      {"serai_data_keys", "the key stays; secrets are sealed anew"},
      {"serai_job_hints", "found again by the queue"},
      {"serai_migrations", "the house's own"},
      {"serai_tenant_list", "the house's own"},
      {"serai_tenant_seeds", "the house's own"},
      {"serai_move_log", "of the move itself"},
      {"serai_move_state", "of the move itself"},
      {"tenancy_changes", "the house's own"},
      {"tenancy_tenants", "goes as the tenant's document"}};
  return left;
}

std::vector<Table> tables_of(storage::Store& store, const CallToken& token) {
  std::vector<Table> all = platform_tables();
  std::set<std::string> referred;
  auto shapes = store.transfer().tables(token);
  for (const auto& shape : shapes) {
    for (const auto& other : shape.refers_to) referred.insert(other);
  }
  for (auto& shape : shapes) {
    // The books of blobs in S3: the blobs go by themselves, and what holds them is this house's.
    if (shape.name == "serai_blobs") continue;
    Table table;
    table.referred_to = referred.contains(shape.name);
    table.shape = std::move(shape);
    all.push_back(std::move(table));
  }
  return all;
}

std::string TableAccess::columns() const { return list(table_.shape.columns); }

void TableAccess::read(Session& session, const std::function<void(Row&&)>& row,
                       const std::string& from_hour) const {
  // Without a key the order is that of all columns, and pages are counted.
  const auto& key = table_.shape.key;
  const bool keyed = !key.empty();
  std::string order;
  for (const auto& column : keyed ? key : table_.shape.columns)
    order += (order.empty() ? "" : ", ") +
             (keyed ? in_quotes(column) : "CAST(" + in_quotes(column) + " AS TEXT) NULLS FIRST");
  Row last;
  std::size_t limit = kFirstRows, offset = 0;
  while (true) {
    std::vector<Value> values;
    std::string where;
    const auto with = [&](const std::string& condition) {
      where += (where.empty() ? " WHERE " : " AND ") + condition;
    };
    if (table_.of_platform()) {
      values.emplace_back(tenant_);
      with(in_quotes(table_.tenant_column) + " = $1");
    }
    if (!from_hour.empty()) {
      values.emplace_back(std::string_view(from_hour));
      with("\"hour\" >= $" + std::to_string(values.size()));
    }
    if (keyed && !last.is_null()) {
      with("(" + list(key) + ") > (" + placeholders(values.size() + 1, key.size()) + ")");
      append_values(last, values);
    }
    values.emplace_back(static_cast<std::int64_t>(limit));
    std::string sql = "SELECT " + columns() + " FROM " + in_quotes(table_.name()) + where +
                      " ORDER BY " + order + " LIMIT $" + std::to_string(values.size());
    if (!keyed) {
      values.emplace_back(static_cast<std::int64_t>(offset));
      sql += " OFFSET $" + std::to_string(values.size());
    }
    std::size_t count = 0, bytes = 0;
    {
      const auto rows = session.query(sql, values, limit);
      count = rows.size();
      for (std::size_t i = 0; i < count; ++i) {
        Row one = row_of(rows, i);
        bytes += weight(one);
        if (i + 1 == count) last = keyed ? key_of(one) : Row();
        row(std::move(one));
      }
    }
    if (count < limit) return;
    offset += count;
    limit = std::clamp<std::size_t>(kPageBytes / (bytes / count + 1), 1, kMostRows);
  }
}

std::string TableAccess::is(const Row& key, std::vector<Value>& values) const {
  append_values(key, values);
  std::string where;
  for (std::size_t i = 0; i < table_.shape.key.size(); ++i)
    where +=
        (i == 0 ? "" : " AND ") + in_quotes(table_.shape.key[i]) + " = $" + std::to_string(i + 1);
  if (table_.of_platform()) {
    values.emplace_back(tenant_);
    where += " AND " + in_quotes(table_.tenant_column) + " = $" + std::to_string(values.size());
  }
  return where;
}

std::optional<Row> TableAccess::find(Session& session, const Row& key) const {
  std::vector<Value> values;
  const std::string where = is(key, values);
  const auto rows = session.query(
      "SELECT " + columns() + " FROM " + in_quotes(table_.name()) + " WHERE " + where, values, 1);
  if (rows.empty()) return std::nullopt;
  return row_of(rows, 0);
}

Row TableAccess::key_of(const Row& row) const {
  Row key = Row::array();
  for (const auto& column : table_.shape.key) {
    const auto& all = table_.shape.columns;
    const auto place = std::find(all.begin(), all.end(), column) - all.begin();
    key.push_back(row.at(static_cast<std::size_t>(place)));
  }
  return key;
}

void TableAccess::insert(Session& session, const std::vector<Row>& rows) const {
  const std::size_t width = table_.shape.columns.size() + (table_.of_platform() ? 1 : 0);
  const std::size_t most = std::max<std::size_t>(kMostValues / width, 1);
  const std::string into = "INSERT INTO " + in_quotes(table_.name()) + " (" +
                           (table_.of_platform() ? in_quotes(table_.tenant_column) + ", " : "") +
                           columns() + ") VALUES ";
  for (std::size_t begin = 0; begin < rows.size(); begin += most) {
    const std::size_t end = std::min(rows.size(), begin + most);
    std::vector<Value> values;
    std::string sql = into;
    for (std::size_t i = begin; i < end; ++i) {
      sql += (i == begin ? "(" : ", (") + placeholders(values.size() + 1, width) + ")";
      if (table_.of_platform()) values.emplace_back(tenant_);
      append_values(rows[i], values);
    }
    session.execute(sql, values);
  }
}

void TableAccess::put(Session& session, const Row& row) const {
  if (!table_.referred_to) {
    erase(session, key_of(row));
    insert(session, {row});
    return;
  }
  // Others need it: it must not go, not even for a moment.
  std::vector<Value> values;
  append_values(row, values);
  std::string set;
  for (const auto& column : table_.shape.columns)
    set += (set.empty() ? "" : ", ") + in_quotes(column) + " = excluded." + in_quotes(column);
  session.execute("INSERT INTO " + in_quotes(table_.name()) + " (" + columns() + ") VALUES (" +
                      placeholders(1, values.size()) + ") ON CONFLICT (" + list(table_.shape.key) +
                      ") DO UPDATE SET " + set,
                  values);
}

void TableAccess::erase(Session& session, const Row& key) const {
  std::vector<Value> values;
  const std::string where = is(key, values);
  session.execute("DELETE FROM " + in_quotes(table_.name()) + " WHERE " + where, values);
}

void TableAccess::clear(Session& session) const {
  if (table_.of_platform())
    session.execute("DELETE FROM " + in_quotes(table_.name()) + " WHERE " +
                        in_quotes(table_.tenant_column) + " = $1",
                    {tenant_});
  else
    session.execute("DELETE FROM " + in_quotes(table_.name()));
}

}  // namespace host::moves
