// PDFs, by the program pdftotext in a process of its own: it is under another licence and its
// parsers have seen worse days.
#include <algorithm>

#include <signal.h>
#include <unistd.h>

#include "confined_process.hpp"
#include "encoding.hpp"
#include "extract.hpp"

namespace knowledge {
namespace {

constexpr const char* kProgram = "/usr/bin/pdftotext";

[[noreturn]] void too_costly() {
  throw ExtractionError("The PDF takes too much time or memory to be read: it is refused.");
}

[[noreturn]] void explain(const ProcessResult& result) {
  switch (result.end) {
    case ProcessEnd::timed_out:
      too_costly();
    case ProcessEnd::output_too_large:
      throw ExtractionError("The PDF holds more text than can be indexed as one: split it.");
    case ProcessEnd::crashed:
      if (result.status == SIGXCPU || result.status == SIGKILL || result.status == SIGABRT) {
        too_costly();
      }
      throw ExtractionError("The PDF is damaged: its reader failed on it.");
    default:
      break;
  }
  if (result.complaints.find("Incorrect password") != std::string::npos) {
    throw ExtractionError("The PDF is protected by a password.");
  }
  if (result.complaints.find("emory") != std::string::npos) too_costly();
  throw ExtractionError("The PDF is damaged: it cannot be read.");
}

}  // namespace

ExtractedText extract_pdf(std::string_view bytes, const ExtractionLimits& limits) {
  Confinement confinement;
  confinement.memory = limits.child_memory;
  confinement.cpu_seconds = limits.child_cpu_seconds;
  confinement.deadline_ms = limits.deadline_ms;
  confinement.output_bytes = 2 * limits.text_bytes;
  // One page more than allowed, to tell "all of it" from "cut".
  const ProcessResult result = run_confined(
      {kProgram, "-enc", "UTF-8", "-eol", "unix", "-l", std::to_string(limits.pages + 1), "-", "-"},
      bytes, confinement);
  if (result.end == ProcessEnd::not_started) {
    throw std::runtime_error("pdftotext could not be started: is poppler-utils installed?");
  }
  if (result.end != ProcessEnd::exited || result.status != 0) explain(result);
  const auto pages = std::count(result.output.begin(), result.output.end(), '\f');
  if (pages > limits.pages) {
    throw ExtractionError("The PDF has more than " + std::to_string(limits.pages) +
                          " pages: split it.");
  }
  const auto text = decode_text(result.output);
  return text ? structure_of_text(*text, limits) : ExtractedText{};
}

}  // namespace knowledge
