// How the tests write blocks down: "h1 Title", "p text", "- item", "|| first row", "| row".
#pragma once

#include <string>
#include <vector>

#include "extraction/block.hpp"

namespace knowledge {

std::vector<std::string> shapes(const ExtractedText& text);

}  // namespace knowledge
