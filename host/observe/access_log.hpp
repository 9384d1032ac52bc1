// One line per request, written in batches: a line waits at most a tenth of a second, so that a
// busy host does not make a system call for each. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace host::observe {

struct AccessLine {
  std::string_view request_id, method, path, address, tenant, user, plugin, operation, traceparent;
  int status = 0;
  std::uint64_t bytes = 0;
  std::chrono::microseconds duration{0};
};

// Does nothing when the log level is above info.
void log_access(const AccessLine& line);
// Writes out what waits; called by flush() in log.hpp.
void flush_access();

}  // namespace host::observe
