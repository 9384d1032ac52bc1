// Programs of the system (pdftotext, ...) run by the host on bytes nobody trusts: no network, no
// file but the system's to read, bounded memory, processor, output and time. The manifest names
// them under `programs`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serai/detail/context.hpp"

namespace serai {

struct Program {
  std::string name;                           // as in the manifest
  std::vector<std::string> arguments;         // without the name
  std::string_view input;                     // its descriptor 0, which it may read more than once
  std::chrono::milliseconds timeout{60'000};  // never beyond the call's deadline
  std::uint32_t cpu_seconds = 30;
  std::uint64_t memory = 768ULL << 20;     // bytes of address space
  std::uint64_t max_output = 32ULL << 20;  // bytes
};

enum class ProgramEnd : std::int32_t {
  exited = SERAI_PROGRAM_EXITED,
  crashed = SERAI_PROGRAM_CRASHED,
  timed_out = SERAI_PROGRAM_TIMED_OUT,
  too_much = SERAI_PROGRAM_TOO_MUCH,  // wrote more than max_output
};

struct ProgramResult {
  ProgramEnd end = ProgramEnd::exited;
  int status = 0;  // exit status, or the signal's number when it crashed
  std::string output;
  std::string complaints;  // the beginning of what it wrote to descriptor 2
};

class Programs {
 public:
  explicit Programs(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->program, "program")) {}

  // Problem 403: not declared; 503: not installed or not to be started.
  ProgramResult run(const Program& program) const {
    std::vector<serai_str> arguments;
    arguments.reserve(program.arguments.size());
    for (const auto& argument : program.arguments) arguments.push_back(detail::to_str(argument));
    serai_program_spec spec{};
    spec.struct_size = sizeof(spec);
    spec.timeout_ms = static_cast<std::uint32_t>(program.timeout.count());
    spec.name = detail::to_str(program.name);
    spec.arguments = arguments.data();
    spec.argument_count = static_cast<std::uint32_t>(arguments.size());
    spec.cpu_seconds = program.cpu_seconds;
    spec.input = detail::to_str(program.input);
    spec.memory = program.memory;
    spec.max_output = program.max_output;
    serai_program_result result{};
    result.struct_size = sizeof(result);
    detail::check(context_, api_->run(context_.call, &spec, &result));
    return {static_cast<ProgramEnd>(result.end), result.status,
            std::string(detail::to_view(result.output)),
            std::string(detail::to_view(result.complaints))};
  }

 private:
  detail::Context context_;
  const serai_program_api* api_;
};

}  // namespace serai
