#include "e2e/office_files.hpp"

#include <cstdint>
#include <vector>

#include <zlib.h>

namespace serai_test {
namespace {

void little_endian(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

struct Entry {
  std::string name, content;
};

// A ZIP archive whose entries are stored, not compressed.
std::string zip_of(const std::vector<Entry>& entries) {
  std::string out, directory;
  for (const auto& [name, content] : entries) {
    const auto crc = static_cast<std::uint32_t>(::crc32(
        0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const auto offset = static_cast<std::uint32_t>(out.size());
    const auto size = static_cast<std::uint32_t>(content.size());
    std::string common;
    little_endian(common, 20, 2);          // version needed
    little_endian(common, 0, 2);           // flags
    little_endian(common, 0, 2);           // stored
    little_endian(common, 0x5a210000, 4);  // a time and a day
    little_endian(common, crc, 4);
    little_endian(common, size, 4);
    little_endian(common, size, 4);
    little_endian(common, static_cast<std::uint32_t>(name.size()), 2);
    little_endian(common, 0, 2);  // extra field
    out += "PK\x03\x04" + common + name + content;
    directory += "PK\x01\x02";
    little_endian(directory, 20, 2);  // version made by
    directory += common;
    little_endian(directory, 0, 2);  // comment
    little_endian(directory, 0, 2);  // disk
    little_endian(directory, 0, 2);  // internal attributes
    little_endian(directory, 0, 4);  // external attributes
    little_endian(directory, offset, 4);
    directory += name;
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  const auto count = static_cast<std::uint32_t>(entries.size());
  out += directory + "PK\x05\x06";
  little_endian(out, 0, 4);
  little_endian(out, count, 2);
  little_endian(out, count, 2);
  little_endian(out, static_cast<std::uint32_t>(directory.size()), 4);
  little_endian(out, start, 4);
  little_endian(out, 0, 2);
  return out;
}

}  // namespace

std::string pdf_with(const std::string& heading, const std::string& sentence) {
  const std::string text =
      "BT /F1 18 Tf 72 740 Td (" + heading + ") Tj /F1 11 Tf 0 -30 Td (" + sentence + ") Tj ET";
  const std::vector<std::string> objects{
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      std::string("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R ") +
          "/Resources << /Font << /F1 5 0 R >> >> >>",
      "<< /Length " + std::to_string(text.size()) + " >>\nstream\n" + text + "\nendstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string out = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    offsets.push_back(out.size());
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto table = out.size();
  out += "xref\n0 6\n0000000000 65535 f \n";
  for (const auto offset : offsets) {
    const auto digits = std::to_string(offset);
    out += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  out += "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
  return out;
}

std::string docx_with(const std::string& heading, const std::string& sentence) {
  const std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
  return zip_of(
      {{"[Content_Types].xml",
        xml + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
              "<Default Extension=\"rels\" "
              "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
              "<Override PartName=\"/word/document.xml\" ContentType=\"application/"
              "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"},
       {"_rels/.rels",
        xml + "<Relationships "
              "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
              "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/"
              "2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>"},
       {"word/document.xml",
        xml +
            "<w:document "
            "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
            "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>" +
            heading + "</w:t></w:r></w:p><w:p><w:r><w:t>" + sentence +
            "</w:t></w:r></w:p></w:body></w:document>"}});
}

}  // namespace serai_test
