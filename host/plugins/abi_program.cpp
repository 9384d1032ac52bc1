// serai.program/1: programs of the system, confined.
#include <algorithm>
#include <filesystem>

#include "isolation/confined_program.hpp"
#include "plugins/boundary.hpp"
#include "serai/abi/program.h"

namespace host::plugins {
namespace {

constexpr std::uint32_t kMaxArguments = 100;
constexpr std::uint64_t kMaxMemory = 4ULL << 30, kMaxOutput = 64ULL << 20;
constexpr std::uint32_t kDefaultTime = 60'000, kDefaultCpu = 30;

// The system's own programs only: never the plugin's or the working directory's.
std::string installed(const std::string& name) {
  for (const char* folder : {"/usr/bin/", "/bin/"})
    if (std::error_code error; std::filesystem::is_regular_file(folder + name, error))
      return folder + name;
  throw unavailable("program_missing",
                    "The program " + name + " is not installed; install its package.");
}

std::vector<std::string> command_of(CallContext& context, const serai_program_spec& spec) {
  const std::string name(view(spec.name));
  const auto& declared = context.generation().manifest().programs;
  if (std::find(declared.begin(), declared.end(), name) == declared.end())
    throw forbidden("program_not_declared", "The manifest does not name the program " + name + ".");
  if (spec.argument_count > kMaxArguments || (spec.argument_count && !spec.arguments))
    throw bad_request("That many arguments are not possible.");
  std::vector<std::string> command = {installed(name)};
  for (std::uint32_t i = 0; i < spec.argument_count; ++i) {
    command.emplace_back(view(spec.arguments[i]));
    if (command.back().find('\0') != std::string::npos)
      throw bad_request("An argument holds a NUL.");
  }
  return command;
}

isolation::Confinement limits_of(CallContext& context, const serai_program_spec& spec) {
  const auto left = context.token().deadline() - std::chrono::steady_clock::now();
  const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  const std::int64_t wanted = spec.timeout_ms ? spec.timeout_ms : kDefaultTime;
  isolation::Confinement limits;
  limits.deadline_ms = static_cast<int>(std::clamp<std::int64_t>(left_ms, 1, wanted));
  limits.cpu_seconds = spec.cpu_seconds ? spec.cpu_seconds : kDefaultCpu;
  if (spec.memory) limits.memory = std::min(spec.memory, kMaxMemory);
  if (spec.max_output) limits.output_bytes = std::min(spec.max_output, kMaxOutput);
  return limits;
}

std::int32_t end_of(isolation::ProcessEnd end) {
  switch (end) {
    case isolation::ProcessEnd::exited:
      return SERAI_PROGRAM_EXITED;
    case isolation::ProcessEnd::crashed:
      return SERAI_PROGRAM_CRASHED;
    case isolation::ProcessEnd::timed_out:
      return SERAI_PROGRAM_TIMED_OUT;
    case isolation::ProcessEnd::output_too_large:
      return SERAI_PROGRAM_TOO_MUCH;
    case isolation::ProcessEnd::not_started:
      break;
  }
  throw unavailable("program_failed", "The program could not be started.");
}

serai_status run(serai_call call, const serai_program_spec* spec,
                 serai_program_result* out) noexcept {
  return boundary(call, Interface::program, Need::token, "program.run", [&](CallContext& context) {
    const auto& wanted = require(spec);
    auto& result = require(out);
    if (wanted.struct_size < sizeof(serai_program_spec) ||
        result.struct_size < sizeof(serai_program_result))
      throw bad_request("A struct is smaller than this interface's.");
    const auto command = command_of(context, wanted);
    const auto limits = limits_of(context, wanted);
    context.release_session();
    const auto ended = isolation::run_confined(command, view(wanted.input), limits);
    result.end = end_of(ended.end);
    result.status = ended.status;
    result.output = context.give(ended.output);
    result.complaints = context.give(ended.complaints);
  });
}

constexpr serai_program_api kTable{sizeof(serai_program_api), 0, run};

}  // namespace

const void* program_table() noexcept { return &kTable; }

}  // namespace host::plugins
