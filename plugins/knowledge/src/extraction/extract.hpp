// The door of the room: bytes of a known type to blocks of text. Throws ExtractionError with a
// sentence for people when the file is at fault; bounded in time and memory by the limits.
#pragma once

#include <functional>
#include <string_view>

#include <serai/program.hpp>

#include "block.hpp"
#include "file_type.hpp"

namespace knowledge {

// Runs the program that reads PDFs: the host's confined one, or a test's.
using ProgramRunner = std::function<serai::ProgramResult(const serai::Program&)>;

ExtractedText extract(FileType type, std::string_view bytes, const ExtractionLimits& limits,
                      const ProgramRunner& run);

// One per type; extract() calls them.
ExtractedText extract_plain_text(std::string_view bytes, const ExtractionLimits& limits);
ExtractedText extract_markdown(std::string_view bytes, const ExtractionLimits& limits);
ExtractedText extract_html(std::string_view bytes, const ExtractionLimits& limits);
ExtractedText extract_docx(std::string_view bytes, const ExtractionLimits& limits);
ExtractedText extract_pdf(std::string_view bytes, const ExtractionLimits& limits,
                          const ProgramRunner& run);

// Text without mark-up, UTF-8: paragraphs at empty lines, headings and lists by their looks. For
// text files and for what the PDF reader prints.
ExtractedText structure_of_text(std::string_view text, const ExtractionLimits& limits);

}  // namespace knowledge
