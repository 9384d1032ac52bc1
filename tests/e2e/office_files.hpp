// Small real files of the types people upload, made at run time: no binary stands in the tree.
#pragma once

#include <string>

namespace serai_test {

// A PDF of one page with these lines of ASCII text.
std::string pdf_with(const std::string& heading, const std::string& sentence);
// A Word document: a heading and a paragraph.
std::string docx_with(const std::string& heading, const std::string& sentence);

}  // namespace serai_test
