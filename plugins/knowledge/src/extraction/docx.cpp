// Word documents: headings by their styles, lists, tables; deleted text, fields' code and fallback
// copies are left out.
#include <map>

#include "block_writer.hpp"
#include "extract.hpp"
#include "xml_stream.hpp"

namespace knowledge {
namespace {

constexpr int kTitleLevel = 0;
constexpr int kNoHeading = -1;
constexpr std::size_t kStyles = 5000;

using Styles = std::map<std::string, int, std::less<>>;  // id -> heading level, kTitleLevel

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

int level_of_name(const std::string& raw) {
  const std::string name = lower(raw);
  if (name == "title") return kTitleLevel;
  if (name.size() != 9 && name.size() != 8) return kNoHeading;
  if (!name.starts_with("heading")) return kNoHeading;
  const char digit = name.back();
  return digit >= '1' && digit <= '9' ? digit - '0' : kNoHeading;
}

int outline_level(const std::string& value) {
  return value.size() == 1 && value[0] >= '0' && value[0] <= '8' ? value[0] - '0' + 1 : kNoHeading;
}

// Ids of styles are translated with Word's language; their names are not.
Styles read_styles(ZipArchive& archive) {
  Styles styles;
  if (!archive.has("word/styles.xml")) return styles;
  ZipEntry entry = archive.open("word/styles.xml");
  XmlStream xml(entry);
  std::string style;
  while (xml.next() && styles.size() < kStyles) {
    if (xml.kind() != XmlNode::start) continue;
    if (xml.name() == "style") {
      style = xml.attribute("styleId");
    } else if (xml.name() == "name" && !style.empty()) {
      const int level = level_of_name(xml.attribute("val"));
      if (level != kNoHeading) styles[style] = level;
    } else if (xml.name() == "outlineLvl" && !style.empty()) {
      const int level = outline_level(xml.attribute("val"));
      if (level != kNoHeading) styles.try_emplace(style, level);
    }
  }
  return styles;
}

std::string read_title(ZipArchive& archive) {
  if (!archive.has("docProps/core.xml")) return {};
  ZipEntry entry = archive.open("docProps/core.xml");
  XmlStream xml(entry);
  while (xml.next()) {
    if (xml.kind() != XmlNode::start || xml.name() != "title" || xml.is_empty()) continue;
    if (xml.next() && xml.kind() == XmlNode::text) return std::string(xml.text());
  }
  return {};
}

class Body {
 public:
  Body(XmlStream& xml, const Styles& styles, BlockWriter& out)
      : xml_(xml), styles_(styles), out_(out) {}

  void read() {
    while (xml_.next()) {
      if (xml_.kind() == XmlNode::start) {
        start(xml_.name());
      } else if (xml_.kind() == XmlNode::end) {
        end(xml_.name());
      } else if (xml_.kind() == XmlNode::text && in_text_) {
        text_ += xml_.text();
      }
    }
  }

 private:
  void start(std::string_view name) {
    if (name == "Fallback" || name == "instrText" || name == "del" || name == "moveFrom") {
      return xml_.skip();
    }
    if (name == "t") {
      in_text_ = !xml_.is_empty();
    } else if (name == "tab" || name == "br" || name == "cr") {
      text_ += ' ';
    } else if (name == "noBreakHyphen") {
      text_ += '-';
    } else if (name == "p") {
      if (xml_.is_empty()) return;
      ++paragraphs_;
      if (table_depth_ == 0 && paragraphs_ == 1) begin_paragraph();
    } else if (name == "pStyle") {
      if (const auto style = styles_.find(xml_.attribute("val")); style != styles_.end()) {
        level_ = style->second;
      }
    } else if (name == "outlineLvl") {
      level_ = outline_level(xml_.attribute("val"));
    } else if (name == "numPr") {
      item_ = true;
    } else if (name == "tbl" && !xml_.is_empty()) {
      if (table_depth_++ == 0) flush_paragraph(), table_start_ = true;
    } else if (name == "tc" && table_depth_ == 1) {
      if (text_.find_first_not_of(" |") != std::string::npos) text_ += " | ";
    }
  }

  void end(std::string_view name) {
    if (name == "t") {
      in_text_ = false;
    } else if (name == "p") {
      if (paragraphs_ > 0) --paragraphs_;
      text_ += ' ';
      if (table_depth_ == 0 && paragraphs_ == 0) flush_paragraph();
    } else if (name == "tr" && table_depth_ == 1) {
      if (text_.find_first_not_of(" |") != std::string::npos) {
        out_.add(BlockKind::table_row, text_, 0, table_start_);
        table_start_ = false;
      }
      begin_paragraph();
    } else if (name == "tbl" && table_depth_ > 0) {
      --table_depth_;
    }
  }

  void begin_paragraph() {
    text_.clear();
    level_ = kNoHeading;
    item_ = false;
  }

  void flush_paragraph() {
    if (level_ == kTitleLevel) {
      if (out_.title().empty()) out_.set_title(text_);
      out_.add(BlockKind::heading, text_, 1);
    } else if (level_ != kNoHeading) {
      out_.add(BlockKind::heading, text_, level_);
    } else {
      out_.add(item_ ? BlockKind::list_item : BlockKind::paragraph, text_);
    }
    begin_paragraph();
  }

  XmlStream& xml_;
  const Styles& styles_;
  BlockWriter& out_;
  std::string text_;
  int level_ = kNoHeading;
  int paragraphs_ = 0;   // open ones: a text box lies inside of one
  int table_depth_ = 0;  // a table within a table is text of its cell
  bool item_ = false;
  bool in_text_ = false;
  bool table_start_ = false;
};

}  // namespace

ExtractedText extract_docx(std::string_view bytes, const ExtractionLimits& limits) {
  ZipArchive archive(bytes, limits);
  if (!archive.has("word/document.xml")) {
    throw ExtractionError("The file is a zip, but not a Word document.");
  }
  BlockWriter out(limits);
  out.set_title(read_title(archive));
  const Styles styles = read_styles(archive);
  ZipEntry entry = archive.open("word/document.xml");
  XmlStream xml(entry);
  Body(xml, styles, out).read();
  return out.take();
}

}  // namespace knowledge
