// From texts to set lines. One thread at a time; what is slow to make (fonts) stays for the next
// document.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "document.hpp"
#include "fonts/font_book.hpp"
#include "fonts/owned.hpp"

namespace pdf {

struct Style {
  double size = 9.5;  // points
  bool bold = false;
  Color color;
  Align align = Align::start;
};

struct Line {
  PangoLayoutLine* line;                // of the text's layout
  double top, baseline, height, width;  // points from the top of the text
};

// A text broken into lines, ready to be painted.
struct SetText {
  struct Look {
    Color color;
    std::string link;
  };
  Object<PangoLayout> layout;
  std::vector<Line> lines;
  std::vector<Look> looks;  // the foreground attribute of a run says which (look_of)
  Align align = Align::start;
  double width = 0;   // of the longest line
  double height = 0;  // of all lines

  // Height of `count` lines from `first`.
  double height_of(std::size_t first, std::size_t count) const;
};
using Lines = std::shared_ptr<const SetText>;

// Which of the text's looks a run has.
std::size_t look_of(const PangoItem* item);

class Typesetter {
 public:
  explicit Typesetter(FontBook& book);

  // Before the texts of a document. Throws serai::Problem 503 on a machine without fonts.
  void begin(const Document& document);

  // Broken at `width` points; 0: only at line feeds.
  Lines set(const Text& text, const Style& style, double width);
  Lines set(const std::string& text, const Style& style, double width);

 private:
  Object<PangoFontMap> map_;
  Object<PangoContext> context_;
  std::string families_;
  Color link_;
};

}  // namespace pdf
