// See files.hpp.
#include "files.hpp"

#include <algorithm>
#include <stdexcept>

#include <zip.h>
#include <zlib.h>

namespace knowledge_test {
namespace {

std::string number(std::size_t value, int width) {
  std::string text = std::to_string(value);
  return std::string(static_cast<std::size_t>(width) - text.size(), '0') + text;
}

// Objects 1..n and the table of where they begin.
std::string pdf_file(const std::vector<std::string>& objects) {
  std::string file = "%PDF-1.4\n";
  std::string table = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += number(file.size(), 10) + " 00000 n \n";
    file += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::size_t start = file.size();
  const std::string count = std::to_string(objects.size() + 1);
  return file + "xref\n0 " + count + "\n" + table + "trailer\n<< /Size " + count +
         " /Root 1 0 R >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
}

std::string stream_object(const std::string& stream, const std::string& filter) {
  return "<< /Length " + std::to_string(stream.size()) +
         (filter.empty() ? "" : " /Filter " + filter) + " >>\nstream\n" + stream + "\nendstream";
}

std::string page_stream(const std::vector<std::string>& lines) {
  std::string stream = "BT /F1 12 Tf 14 TL 50 780 Td\n";
  for (const std::string& line : lines) {
    std::string escaped;
    for (const char c : line) {
      if (c == '(' || c == ')' || c == '\\') escaped += '\\';
      escaped += c;
    }
    stream += "(" + escaped + ") Tj T*\n";
  }
  return stream + "ET";
}

std::string pdf_of_streams(const std::vector<std::string>& streams, const std::string& filter) {
  std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>", "",
                                   "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
  std::string kids;
  for (const std::string& stream : streams) {
    objects.push_back(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << "
        "/F1 3 0 R >> >> /Contents " +
        std::to_string(objects.size() + 2) + " 0 R >>");
    kids += std::to_string(objects.size()) + " 0 R ";
    objects.push_back(stream_object(stream, filter));
  }
  objects[1] =
      "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(streams.size()) + " >>";
  return pdf_file(objects);
}

}  // namespace

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  if (archive == nullptr) throw std::runtime_error("no archive");
  zip_source_keep(target);
  for (const auto& [name, content] : entries) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    if (zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
      throw std::runtime_error("no entry");
    }
  }
  if (zip_close(archive) != 0) throw std::runtime_error("not closed");
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(target);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

std::string docx_paragraph(std::string_view style, std::string_view text) {
  const std::string properties =
      style.empty() ? "" : "<w:pPr><w:pStyle w:val=\"" + std::string(style) + "\"/></w:pPr>";
  return "<w:p>" + properties + "<w:r><w:t>" + std::string(text) + "</w:t></w:r></w:p>";
}

std::string docx_of(const std::string& body, const std::string& title) {
  const std::string space =
      " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
  const auto style = [](const std::string& id, const std::string& name) {
    return "<w:style w:type=\"paragraph\" w:styleId=\"" + id + "\"><w:name w:val=\"" + name +
           "\"/></w:style>";
  };
  std::vector<std::pair<std::string, std::string>> entries{
      {"[Content_Types].xml", "<Types/>"},
      {"word/document.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document" + space +
                                "><w:body>" + body + "</w:body></w:document>"},
      {"word/styles.xml", "<w:styles" + space + ">" + style("Heading1", "heading 1") +
                              style("Heading2", "heading 2") + style("berschrift1", "heading 1") +
                              style("Title", "Title") + "</w:styles>"}};
  if (!title.empty()) {
    entries.emplace_back("docProps/core.xml",
                         "<cp:coreProperties xmlns:cp=\"urn:cp\" xmlns:dc=\"urn:dc\"><dc:title>" +
                             title + "</dc:title></cp:coreProperties>");
  }
  return zip_of(entries);
}

std::string pdf_of(const std::vector<std::vector<std::string>>& pages) {
  std::vector<std::string> streams;
  for (const auto& lines : pages) streams.push_back(page_stream(lines));
  return pdf_of_streams(streams, {});
}

std::string pdf_with_stream(const std::string& stream, const std::string& filter) {
  return pdf_of_streams({stream}, filter);
}

std::string deflated_run(char byte, std::size_t size) {
  z_stream stream{};
  if (deflateInit(&stream, 9) != Z_OK) throw std::runtime_error("no deflate");
  std::string input(1U << 20, byte), output, piece(1U << 16, '\0');
  while (size > 0 || stream.avail_in > 0) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<unsigned>(std::min<std::size_t>(size, input.size()));
      stream.next_in = reinterpret_cast<Bytef*>(input.data());
      size -= stream.avail_in;
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<unsigned>(piece.size());
    deflate(&stream, size == 0 ? Z_FINISH : Z_NO_FLUSH);
    output.append(piece.data(), piece.size() - stream.avail_out);
  }
  for (int code = Z_OK; code == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<unsigned>(piece.size());
    code = deflate(&stream, Z_FINISH);
    output.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return output;
}

}  // namespace knowledge_test
