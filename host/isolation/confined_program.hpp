// Runs a program on bytes nobody trusts: no network, no files but the system's to read, bounded
// memory, processor, output and time; killed with all it started. Reads the input as descriptor 0
// and answers on descriptor 1. Linux.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace host::isolation {

struct Confinement {
  std::uint64_t memory = 768ULL << 20;  // address space, bytes
  unsigned cpu_seconds = 30;
  int deadline_ms = 60'000;
  std::size_t output_bytes = 32U << 20;
};

enum class ProcessEnd : std::uint8_t { exited, crashed, timed_out, output_too_large, not_started };

struct ProcessResult {
  ProcessEnd end = ProcessEnd::not_started;
  int status = 0;          // exit code, or the signal's number when it crashed
  std::string output;      // at most output_bytes
  std::string complaints;  // the beginning of what it wrote to descriptor 2
};

// `command[0]` is an absolute path. Blocking; thread-safe.
ProcessResult run_confined(const std::vector<std::string>& command, std::string_view input,
                           const Confinement& confinement);

}  // namespace host::isolation
