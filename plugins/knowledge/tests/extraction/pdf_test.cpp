// PDFs through the confined reader, and the confinement itself.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "extraction/confined_process.hpp"
#include "extraction/extract.hpp"
#include "files.hpp"
#include "shapes.hpp"

namespace knowledge {
namespace {

using knowledge_test::deflated_run;
using knowledge_test::pdf_of;
using knowledge_test::pdf_with_stream;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& bytes, const ExtractionLimits& limits = {}) {
  try {
    extract_pdf(bytes, limits);
  } catch (const ExtractionError& error) {
    return error.what();
  }
  return "taken";
}

ProcessResult shell(const std::string& script, const Confinement& confinement = {},
                    std::string_view input = {}) {
  return run_confined({"/bin/sh", "-c", script}, input, confinement);
}

TEST(Pdf, text_of_all_pages_is_read) {
  const auto text = extract_pdf(
      pdf_of({{"DEPOSITS"}, {"The deposit is 30 % of the price (land", "arrangements only)."}}),
      {});
  EXPECT_THAT(shapes(text), ElementsAre("h1 DEPOSITS",
                                        "p The deposit is 30 % of the price (land arrangements "
                                        "only)."));
}

TEST(Pdf, with_more_pages_than_allowed_is_refused_and_not_cut) {
  ExtractionLimits limits;
  limits.pages = 10;
  std::vector<std::vector<std::string>> pages(11, {"A page."});
  EXPECT_THAT(refusal(pdf_of(pages), limits), HasSubstr("more than 10 pages"));
  pages.resize(10);
  EXPECT_EQ(refusal(pdf_of(pages), limits), "taken");
}

TEST(Pdf, of_ten_thousand_pages_is_refused_at_the_usual_limit) {
  EXPECT_THAT(refusal(pdf_of(std::vector<std::vector<std::string>>(10'000, {"x"}))),
              HasSubstr("more than 2000 pages"));
}

TEST(Pdf, that_unpacks_to_a_thousand_times_its_size_is_stopped) {
  ExtractionLimits limits;
  limits.child_cpu_seconds = 1;
  const std::string bomb = pdf_with_stream(deflated_run('1', 512U << 20), "/FlateDecode");
  EXPECT_LT(bomb.size(), 1U << 20);
  EXPECT_THAT(refusal(bomb, limits), HasSubstr("refused"));
}

TEST(Pdf, damage_and_passwords_are_told) {
  EXPECT_THAT(refusal("%PDF-1.4\nnothing"), HasSubstr("damaged"));
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
}  // namespace knowledge
