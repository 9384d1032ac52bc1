// The host interfaces by number: names, bits of a grant, function tables. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>

#include "serai/abi/base.h"

namespace host::plugins {

// In the order of known_interfaces().
enum class Interface : std::uint8_t {
  log,
  config,
  sql,
  kv,
  blob,
  vector,
  http_client,
  jobs,
  events,
  services,
  secrets,
  metrics,
  clock,
  program,
  links,
  smtp,
  imap,
  response,  // always granted
};

constexpr std::uint32_t bit(Interface interface) {
  return std::uint32_t{1} << static_cast<unsigned>(interface);
}

// The table of "serai.sql/1" and so on, or null if it is unknown, smaller than `min_size` or not in
// `granted`.
const void* find_table(std::string_view id, std::uint32_t min_size, std::uint32_t granted) noexcept;

// One per abi_*.cpp.
const void* log_table() noexcept;
const void* config_table() noexcept;
const void* sql_table() noexcept;
const void* kv_table() noexcept;
const void* blob_table() noexcept;
const void* vector_table() noexcept;
const void* http_client_table() noexcept;
const void* jobs_table() noexcept;
const void* events_table() noexcept;
const void* services_table() noexcept;
const void* secrets_table() noexcept;
const void* metrics_table() noexcept;
const void* clock_table() noexcept;
const void* program_table() noexcept;
const void* links_table() noexcept;
const void* smtp_table() noexcept;
const void* imap_table() noexcept;
const void* response_table() noexcept;

}  // namespace host::plugins
