// From an interface's id to its table; see the header.
#include "plugins/interface.hpp"

#include <array>

#include "plugins/manifest.hpp"

namespace host::plugins {
namespace {

using Maker = const void* (*)() noexcept;
constexpr std::array<Maker, 18> kTables = {
    log_table,         config_table,  sql_table,    kv_table,       blob_table,    vector_table,
    http_client_table, jobs_table,    events_table, services_table, secrets_table, metrics_table,
    clock_table,       program_table, links_table,  smtp_table,     imap_table,    response_table};

}  // namespace

const void* find_table(std::string_view id, std::uint32_t min_size,
                       std::uint32_t granted) noexcept {
  constexpr std::string_view prefix = "serai.", suffix = "/1";
  if (!id.starts_with(prefix) || !id.ends_with(suffix) || id.size() < prefix.size() + suffix.size())
    return nullptr;
  const auto name = id.substr(prefix.size(), id.size() - prefix.size() - suffix.size());
  std::size_t index = kTables.size();
  if (name == "response") {
    index = static_cast<std::size_t>(Interface::response);
  } else {
    const auto& known = known_interfaces();
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i] == name && (granted & (1u << i))) index = i;
  }
  if (index >= kTables.size()) return nullptr;
  const void* table = kTables[index]();
  // Every table begins with its size.
  const auto size = *static_cast<const std::uint32_t*>(table);
  return size >= min_size ? table : nullptr;
}

}  // namespace host::plugins
