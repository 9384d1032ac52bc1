// PDFs, by the program pdftotext in a confined process of its own: it is under another licence and
// its parsers have seen worse days.
#include <algorithm>

#include <signal.h>

#include "encoding.hpp"
#include "extract.hpp"

namespace knowledge {
namespace {

[[noreturn]] void too_costly() {
  throw ExtractionError("The PDF takes too much time or memory to be read: it is refused.");
}

[[noreturn]] void explain(const serai::ProgramResult& result) {
  switch (result.end) {
    case serai::ProgramEnd::timed_out:
      too_costly();
    case serai::ProgramEnd::too_much:
      throw ExtractionError("The PDF holds more text than can be indexed as one: split it.");
    case serai::ProgramEnd::crashed:
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

ExtractedText extract_pdf(std::string_view bytes, const ExtractionLimits& limits,
                          const ProgramRunner& run) {
  serai::Program reader;
  reader.name = "pdftotext";
  // One page more than allowed, to tell "all of it" from "cut".
  reader.arguments = {"-enc", "UTF-8", "-eol", "unix", "-l", std::to_string(limits.pages + 1),
                      "-",    "-"};
  reader.input = bytes;
  reader.timeout = std::chrono::milliseconds(limits.deadline_ms);
  reader.cpu_seconds = limits.child_cpu_seconds;
  reader.memory = limits.child_memory;
  reader.max_output = 2 * limits.text_bytes;
  const serai::ProgramResult result = run(reader);
  if (result.end != serai::ProgramEnd::exited || result.status != 0) explain(result);
  const auto pages = std::count(result.output.begin(), result.output.end(), '\f');
  if (pages > limits.pages) {
    throw ExtractionError("The PDF has more than " + std::to_string(limits.pages) +
                          " pages: split it.");
  }
  const auto text = decode_text(result.output);
  return text ? structure_of_text(*text, limits) : ExtractedText{};
}

}  // namespace knowledge
