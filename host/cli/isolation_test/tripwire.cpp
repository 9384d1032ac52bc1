#include "cli/isolation_test/tripwire.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace host::cli::isolation_test {
namespace {

using storage::Rows;
using storage::Session;
using storage::Value;

// What the host writes on its own time.
bool is_upkeep(const std::string& table) {
  return table == "serai_job_schedules" || table == "usage_hours" || table == "serai_job_hints" ||
         table == "serai_migrations";
}

std::string text_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* bytes = std::get_if<storage::Bytes>(&value))
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  return "null";
}

std::vector<std::string> texts_of(const Rows& rows) {
  std::vector<std::string> texts;
  const auto columns = rows.columns().size();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::string text;
    for (std::size_t column = 0; column < columns; ++column)
      text += rows.columns()[column] + "=" + text_of(rows.at(row, column)) + " ";
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::vector<std::string> tables_of(const Books& books, Session& session, bool platform) {
  auto names = books.tables(session, platform);
  std::erase_if(names, is_upkeep);
  return names;
}

// The column that says whose row it is.
std::string tenant_column(const Books& books, Session& session, const std::string& table) {
  const auto columns = books.columns(session, table);
  for (const auto* name : {"tenant_id", "tenant", "chain"})
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) return name;
  return table == "tenancy_tenants" ? "id" : "";
}

std::string shortened(const std::string& text) {
  std::string line = text.substr(0, 160);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '.';
  return line;
}

}  // namespace

Tripwire::State Tripwire::own_rows() const {
  State rows;
  const auto session = house_.rooms().store->tenant(house_.token(side_.id));
  for (const auto& table : tables_of(house_.books(), *session, false))
    rows[table] = texts_of(session->query("SELECT * FROM \"" + table + "\""));
  return rows;
}

Tripwire::State Tripwire::platform_rows() const {
  State rows;
  const auto platform = house_.rooms().store->platform();
  for (const auto& table : tables_of(house_.books(), *platform, true)) {
    const auto column = tenant_column(house_.books(), *platform, table);
    if (column.empty()) continue;
    rows["platform." + table] = texts_of(platform->query(
        "SELECT * FROM \"" + table + "\" WHERE " + column + " = $1", {std::string_view(side_.id)}));
  }
  return rows;
}

Tripwire::State Tripwire::state() const {
  auto rows = own_rows();
  rows.merge(platform_rows());
  return rows;
}

void Tripwire::look(Part& own, Part& platform) const {
  // The counter first: a commit between the two is seen the next time.
  if (const auto now = house_.books().mark_of_tenant(side_.id); now.empty() || now != own.commits)
    own = {now, own_rows()};
  if (const auto now = house_.books().mark_of_platform(); now.empty() || now != platform.commits)
    platform = {now, platform_rows()};
}

void Tripwire::set() { look(own_, platform_); }

bool Tripwire::touched() const {
  return house_.books().mark_of_tenant(side_.id) != own_.commits && own_rows() != own_.rows;
}

std::vector<std::string> Tripwire::changes() {
  Part own{own_.commits, {}}, platform{platform_.commits, {}};
  look(own, platform);
  std::vector<std::string> found;
  const auto compare = [&](Part& before, Part& now) {
    for (const auto& [table, rows] : now.rows) {
      const auto& old = before.rows[table];
      std::vector<std::string> came, went;
      std::set_difference(rows.begin(), rows.end(), old.begin(), old.end(),
                          std::back_inserter(came));
      std::set_difference(old.begin(), old.end(), rows.begin(), rows.end(),
                          std::back_inserter(went));
      for (const auto& row : came) found.push_back(table + " now has " + shortened(row));
      for (const auto& row : went) found.push_back(table + " no longer has " + shortened(row));
    }
    before = std::move(now);
  };
  if (own.commits.empty() || own.commits != own_.commits) compare(own_, own);
  if (platform.commits.empty() || platform.commits != platform_.commits)
    compare(platform_, platform);
  return found;
}

}  // namespace host::cli::isolation_test
