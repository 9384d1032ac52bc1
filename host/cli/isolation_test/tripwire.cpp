#include "cli/isolation_test/tripwire.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

namespace host::cli::isolation_test {
namespace {

using storage::Rows;
using storage::Session;
using storage::Value;

// What the host writes on its own time.
bool is_upkeep(const std::string& table) {
  return table == "serai_job_schedules" || table == "usage_hours" || table == "serai_job_hints" ||
         table == "serai_migrations" || table.starts_with("sqlite_");
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

std::vector<std::string> tables_of(Session& session) {
  const auto rows =
      session.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (auto name = rows.text(i, "name"); !is_upkeep(name)) names.push_back(std::move(name));
  return names;
}

// The column that says whose row it is.
std::string tenant_column(Session& session, const std::string& table) {
  const auto rows = session.query("SELECT name FROM pragma_table_info('" + table + "')");
  for (const auto* name : {"tenant_id", "tenant", "chain"})
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows.text(i, "name") == name) return name;
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
  for (const auto& table : tables_of(*session))
    rows[table] = texts_of(session->query("SELECT * FROM \"" + table + "\""));
  return rows;
}

Tripwire::State Tripwire::platform_rows() const {
  State rows;
  const auto platform = house_.rooms().store->platform();
  for (const auto& table : tables_of(*platform)) {
    const auto column = tenant_column(*platform, table);
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

// The counter of commits in SQLite's index of the log; a read of 48 bytes.
std::string Tripwire::commits(const std::string& database) const {
  const auto file = house_.data() / (database + "-shm");
  std::string bytes(48, '\0');
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  const auto got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  ::close(descriptor);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

void Tripwire::look(Part& own, Part& platform) const {
  // The counter first: a commit between the two is seen the next time.
  if (const auto now = commits("tenants/" + side_.id + "/tenant.db");
      now.empty() || now != own.commits)
    own = {now, own_rows()};
  if (const auto now = commits("platform.db"); now.empty() || now != platform.commits)
    platform = {now, platform_rows()};
}

void Tripwire::set() { look(own_, platform_); }

bool Tripwire::touched() const {
  return commits("tenants/" + side_.id + "/tenant.db") != own_.commits;
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
