// The confinement of programs that read what nobody trusts.
#include "isolation/confined_program.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

namespace host::isolation {
namespace {

ProcessResult shell(const std::string& script, const Confinement& confinement = {},
                    std::string_view input = {}) {
  return run_confined({"/bin/sh", "-c", script}, input, confinement);
}

TEST(Confinement, input_output_and_exit_code_pass_through) {
  const auto result =
      shell("read -r x; printf %s \"$x\"; echo complaint >&2; exit 3", {}, "input\n");
  EXPECT_EQ(result.end, ProcessEnd::exited);
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.output, "input");
  EXPECT_EQ(result.complaints, "complaint\n");
}

TEST(Confinement, large_inputs_pass_through) {
  const std::string input(20U << 20, 'x');
  const auto result = run_confined({"/bin/cat"}, input, {});
  EXPECT_EQ(result.output, input);
}

TEST(Confinement, output_above_the_limit_ends_the_process) {
  Confinement confinement;
  confinement.output_bytes = 1000;
  const auto result =
      run_confined({"/bin/cat", "/dev/fd/0"}, std::string(100'000, 'x'), confinement);
  EXPECT_EQ(result.end, ProcessEnd::output_too_large);
  EXPECT_EQ(result.output.size(), 1000U);
}

TEST(Confinement, time_above_the_limit_ends_the_process_and_its_silence) {
  Confinement confinement;
  confinement.deadline_ms = 100;
  EXPECT_EQ(run_confined({"/bin/sleep", "600"}, "", confinement).end, ProcessEnd::timed_out);
  // Closing its output does not make it free.
  EXPECT_EQ(shell("exec >&- 2>&-; exec sleep 600", confinement).end, ProcessEnd::timed_out);
}

TEST(Confinement, memory_above_the_limit_fails) {
  Confinement confinement;
  confinement.memory = 64U << 20;
  const auto result = run_confined({"/usr/bin/head", "-c", "1", "/dev/zero"}, "", confinement);
  EXPECT_NE(result.end, ProcessEnd::timed_out);
  // A shell variable that doubles until it cannot.
  const auto grown = shell("x=0123456789abcdef; while :; do x=$x$x; done", confinement);
  EXPECT_TRUE(grown.end == ProcessEnd::crashed || grown.status != 0);
}

TEST(Confinement, processor_time_above_the_limit_ends_the_process) {
  Confinement confinement;
  confinement.cpu_seconds = 1;
  const auto result = shell("while :; do :; done", confinement);
  EXPECT_EQ(result.end, ProcessEnd::crashed);
  EXPECT_TRUE(result.status == SIGXCPU || result.status == SIGKILL);
}

TEST(Confinement, nothing_can_be_written) {
  const auto file = std::filesystem::temp_directory_path() / "serai-confinement-probe";
  std::filesystem::remove(file);
  const auto result = shell("echo x > " + file.string());
  EXPECT_NE(result.status, 0);
  EXPECT_FALSE(std::filesystem::exists(file) && std::filesystem::file_size(file) > 0);
  std::filesystem::remove(file);
}

TEST(Confinement, descriptors_and_environment_of_the_host_stay_behind) {
  setenv("SERAI_CONFINEMENT_PROBE", "a secret", 1);
  const auto result = shell("echo \"[$SERAI_CONFINEMENT_PROBE]\"; echo open >&3");
  unsetenv("SERAI_CONFINEMENT_PROBE");
  EXPECT_EQ(result.output, "[]\n");
  EXPECT_NE(result.status, 0) << "there is no descriptor 3";
}

TEST(Confinement, a_program_that_is_not_there_is_told) {
  EXPECT_EQ(run_confined({"/nowhere/program"}, "", {}).end, ProcessEnd::not_started);
}

TEST(Confinement, leaves_no_process_behind) {
  shell("true");
  EXPECT_EQ(waitpid(-1, nullptr, 0), -1);
}

}  // namespace
}  // namespace host::isolation
