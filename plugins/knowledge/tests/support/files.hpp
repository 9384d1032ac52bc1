// Real files of every kind, made at run time, honest and hostile: no binary stands in the tree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace knowledge_test {

// A zip of (name, content), deflated.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& entries);

// word/document.xml around `body`, with styles "Heading1", "Heading2", "Title" and a translated
// one.
std::string docx_of(const std::string& body, const std::string& title = {});
// <w:p> of a style (may be empty) and a text.
std::string docx_paragraph(std::string_view style, std::string_view text);

// A PDF whose pages show these lines, in plain streams.
std::string pdf_of(const std::vector<std::vector<std::string>>& pages);
// The same with one content stream, given as it stands and with its filter ("/FlateDecode").
std::string pdf_with_stream(const std::string& stream, const std::string& filter);

// zlib's form of `size` equal bytes.
std::string deflated_run(char byte, std::size_t size);

}  // namespace knowledge_test
