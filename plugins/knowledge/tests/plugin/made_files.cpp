// See made_files.hpp.
#include "made_files.hpp"

#include <stdexcept>

#include <zip.h>

namespace knowledge_test {
namespace {

constexpr const char* kSpace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

void demand(bool holds) {
  if (!holds) throw std::runtime_error("The test's zip cannot be made.");
}

std::string bytes_of(zip_source_t* source) {
  demand(zip_source_open(source) == 0);
  std::string bytes;
  char piece[4096];
  for (;;) {
    const zip_int64_t got = zip_source_read(source, piece, sizeof(piece));
    demand(got >= 0);
    if (got == 0) break;
    bytes.append(piece, static_cast<std::size_t>(got));
  }
  zip_source_close(source);
  return bytes;
}

}  // namespace

std::string zip_of(const Entries& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  demand(target != nullptr);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  demand(archive != nullptr);
  for (const auto& [name, content] : entries) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    demand(source != nullptr && zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) >= 0);
  }
  demand(zip_close(archive) == 0);
  std::string bytes = bytes_of(target);
  zip_source_free(target);
  zip_error_fini(&error);
  return bytes;
}

std::string docx_with(const std::string& document_xml) {
  return zip_of({{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", document_xml}});
}

std::string docx_of(const std::string& heading, const std::string& paragraph) {
  const std::string styles = std::string("<w:styles xmlns:w=\"") + kSpace +
                             "\"><w:style w:styleId=\"Kop1\"><w:name w:val=\"heading 1\"/>"
                             "</w:style></w:styles>";
  const std::string core =
      "<cp:coreProperties xmlns:cp=\"urn:c\" xmlns:dc=\"urn:d\"><dc:title>Guide by its own "
      "title</dc:title></cp:coreProperties>";
  const std::string document =
      std::string("<w:document xmlns:w=\"") + kSpace +
      "\"><w:body><w:p><w:pPr><w:pStyle w:val=\"Kop1\"/></w:pPr><w:r><w:t>" + heading +
      "</w:t></w:r></w:p><w:p><w:r><w:t>" + paragraph +
      "</w:t></w:r><w:del><w:r><w:t>struckout</w:t></w:r></w:del></w:p><w:tbl><w:tr><w:tc><w:p>"
      "<w:r><w:t>Season</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Price</w:t></w:r></w:p>"
      "</w:tc></w:tr></w:tbl></w:body></w:document>";
  return zip_of({{"[Content_Types].xml", "<Types/>"},
                 {"docProps/core.xml", core},
                 {"word/styles.xml", styles},
                 {"word/document.xml", document}});
}

std::string pdf_of(const std::string& text) {
  const std::string drawing = text.empty() ? "" : "BT /F1 12 Tf 72 720 Td (" + text + ") Tj ET";
  const std::string objects[] = {
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      ("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources "
       "<< /Font << /F1 5 0 R >> >> >>"),
      "<< /Length " + std::to_string(drawing.size()) + " >>\nstream\n" + drawing + "\nendstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  };
  std::string pdf = "%PDF-1.4\n";
  std::string table = "0000000000 65535 f \n";
  int number = 0;
  for (const std::string& object : objects) {
    std::string offset = std::to_string(pdf.size());
    offset.insert(0, 10 - offset.size(), '0');
    table += offset + " 00000 n \n";
    pdf += std::to_string(++number) + " 0 obj\n" + object + "\nendobj\n";
  }
  const std::size_t start = pdf.size();
  const std::string size = std::to_string(number + 1);
  return pdf + "xref\n0 " + size + "\n" + table + "trailer\n<< /Size " + size +
         " /Root 1 0 R >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
}

}  // namespace knowledge_test
