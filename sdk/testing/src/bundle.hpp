// The files inside a plugin's bundle (the text in section .serai.manifest).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace serai::testing {

struct BundledFile {
  std::string path;
  std::string content;
};

// Throws std::invalid_argument naming what is wrong.
std::vector<BundledFile> parse_bundle(std::string_view bundle);

}  // namespace serai::testing
