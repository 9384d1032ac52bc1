// What stands where: the outcome of layout and the input of painting. Coordinates are points from
// the top left corner of a page.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "document.hpp"
#include "typesetter.hpp"

namespace pdf {

// Lines of a text in a column of the page. `tag`: its role in the document's structure ("P", "TD"),
// nullptr for what is only decoration.
struct TextItem {
  Lines text;
  std::size_t first, count;
  double x, y, width;  // y: top of the first line
  const char* tag;
};
struct BoxItem {
  double x, y, width, height;
  Color color;
};
struct PictureItem {
  const Picture* picture;  // of the document
  double x, y, width, height;
  const std::string* alt;  // nullptr: decoration
};
// An element of the structure around the items until its end, which may be on a later page.
struct BeginElement {
  const char* tag;
};
struct EndElement {};

using Item = std::variant<TextItem, BoxItem, PictureItem, BeginElement, EndElement>;
using Page = std::vector<Item>;

}  // namespace pdf
