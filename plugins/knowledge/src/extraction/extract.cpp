// See extract.hpp.
#include "extract.hpp"

namespace knowledge {

ExtractedText extract(FileType type, std::string_view bytes, const ExtractionLimits& limits,
                      const ProgramRunner& run) {
  if (bytes.empty()) throw ExtractionError("The file is empty.");
  ExtractedText text;
  switch (type) {
    case FileType::text:
      text = extract_plain_text(bytes, limits);
      break;
    case FileType::markdown:
      text = extract_markdown(bytes, limits);
      break;
    case FileType::html:
      text = extract_html(bytes, limits);
      break;
    case FileType::pdf:
      text = extract_pdf(bytes, limits, run);
      break;
    case FileType::docx:
      text = extract_docx(bytes, limits);
      break;
  }
  if (text.blocks.empty()) {
    throw ExtractionError(type == FileType::pdf
                              ? "The PDF holds no text: a scan needs text recognition first."
                              : "The file holds no text.");
  }
  return text;
}

}  // namespace knowledge
