// Files made while a test runs: Word documents by libzip, PDFs by hand. Nothing lies on the disk.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace knowledge_test {

// Entries of a zip: name and content, packed.
using Entries = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Entries& entries);

// A Word document whose word/document.xml is exactly this.
std::string docx_with(const std::string& document_xml);

// A Word document: a title, a heading by style, a paragraph, and a table of one row.
std::string docx_of(const std::string& heading, const std::string& paragraph);

// A PDF of one page with one line of plain ASCII text; without text an empty page.
std::string pdf_of(const std::string& text);

}  // namespace knowledge_test
