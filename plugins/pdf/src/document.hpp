// A document as the engine sees it: values only, already checked (document_reader.hpp). Lengths are
// points (1/72 inch) unless a name says otherwise; texts are UTF-8 without control characters but
// line feeds.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace pdf {

struct Color {
  double red = 0, green = 0, blue = 0;  // 0 to 1
};

// A piece of a text that looks or leads the same.
struct Span {
  std::string text;
  bool bold = false;
  bool italic = false;
  std::string link;  // https, http, mailto or tel; empty: none
};
using Text = std::vector<Span>;

enum class Align { start, center, end };

// What a picture file is, and its bytes, already looked at (picture.hpp).
struct Picture {
  enum class Kind { png, jpeg } kind = Kind::png;
  std::string bytes;
  int width = 0, height = 0;  // pixels
  std::string pointer = {};   // where it stands in the JSON, for what decoding finds out
};

struct Heading {
  int level = 1;  // 1 to 3
  Text text;
};
struct Paragraph {
  Text text;
  Align align = Align::start;
  bool muted = false, strong = false, small = false;
};
struct List {
  std::vector<Text> items;
  bool ordered = false;
};
struct Field {
  std::string label;
  Text value;
};
// Labels with their values, in columns.
struct Fields {
  std::vector<Field> items;
  int columns = 2;  // 1 to 3
};
struct Column {
  Text title;
  Align align = Align::start;
  double share = 0;  // of the width, beside the others' shares; 0: as wide as what stands in it
};
struct Row {
  std::vector<Text> cells;  // as many as there are columns
  bool strong = false;
};
struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};
// Sums, at the end side of the page, kept together.
struct Totals {
  struct Line {
    Text label, value;
    bool strong = false;
  };
  std::vector<Line> lines;
};
struct Figure {
  Picture picture;
  double width = 0, height = 0;  // 0: from the other; both 0: from its pixels, at 150 an inch
  Align align = Align::start;
  std::string alt;  // read aloud in its place
};
struct Rule {};
struct Space {
  double height = 0;
};
struct PageBreak {};

using Block =
    std::variant<Heading, Paragraph, List, Fields, Table, Totals, Figure, Rule, Space, PageBreak>;

struct PageSize {
  double width, height;
};
inline constexpr PageSize kA4{595.276, 841.89};
inline constexpr PageSize kLetter{612, 792};

// Whose paper it is.
struct Brand {
  std::string name;
  std::vector<Picture> logo;         // one or none
  std::vector<std::string> address;  // lines
  Color primary{0.12, 0.31, 0.47};
  Color text{0.13, 0.13, 0.15};
  Color muted{0.42, 0.44, 0.48};
  std::string font = "Noto Sans, DejaVu Sans";
  PageSize page = kA4;
  std::string footer;  // on each page
  std::string terms;   // small, at the end
};

struct Document {
  std::string title, author, subject;
  std::string language;  // BCP 47, such as "en-ZA"
  bool right_to_left = false;
  std::string date;  // RFC 3339; all the time that is in the file
  std::string page_label = "Page {page} of {pages}";
  Brand brand;
  std::vector<Block> content;
};

}  // namespace pdf
