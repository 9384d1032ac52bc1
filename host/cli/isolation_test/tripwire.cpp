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

Tripwire::State Tripwire::state() const {
  State state;
  {
    const auto session = house_.rooms().store->tenant(house_.token(side_.id));
    for (const auto& table : tables_of(*session))
      state[table] = texts_of(session->query("SELECT * FROM \"" + table + "\""));
  }
  const auto platform = house_.rooms().store->platform();
  for (const auto& table : tables_of(*platform)) {
    const auto column = tenant_column(*platform, table);
    if (column.empty()) continue;
    state["platform." + table] = texts_of(platform->query(
        "SELECT * FROM \"" + table + "\" WHERE " + column + " = $1", {std::string_view(side_.id)}));
  }
  return state;
}

// The counter of commits in SQLite's index of the log; a read of 48 bytes.
std::string Tripwire::commits() const {
  const auto file = house_.data() / "tenants" / side_.id / "tenant.db-shm";
  std::string bytes(48, '\0');
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  const auto got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  ::close(descriptor);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

void Tripwire::set() {
  commits_ = commits();
  before_ = state();
}

bool Tripwire::touched() const { return commits() != commits_; }

std::vector<std::string> Tripwire::changes() {
  const auto seen = commits();
  auto now = state();
  std::vector<std::string> found;
  for (const auto& [table, rows] : now) {
    const auto& old = before_[table];
    std::vector<std::string> came, went;
    std::set_difference(rows.begin(), rows.end(), old.begin(), old.end(), std::back_inserter(came));
    std::set_difference(old.begin(), old.end(), rows.begin(), rows.end(), std::back_inserter(went));
    for (const auto& row : came) found.push_back(table + " now has " + shortened(row));
    for (const auto& row : went) found.push_back(table + " no longer has " + shortened(row));
  }
  before_ = std::move(now);
  commits_ = seen;
  return found;
}

}  // namespace host::cli::isolation_test
