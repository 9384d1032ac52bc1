// Text files, and the looks of text in general: what a reader takes for a heading or a list.
#include <vector>

#include "block_writer.hpp"
#include "encoding.hpp"
#include "extract.hpp"

namespace knowledge {
namespace {

constexpr std::size_t kHeadingBytes = 90;

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\f\v");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\f\v") - first + 1);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Length of a bullet and its space; 0: the line begins with none.
std::size_t bullet(std::string_view line) {
  for (const std::string_view mark : {"- ", "* ", "\xE2\x80\xA2 ", "\xE2\x80\x93 "}) {
    if (line.size() > mark.size() && line.starts_with(mark)) return mark.size();
  }
  return line.size() > 3 && line.starts_with("\xE2\x80\xA2") ? 3 : 0;
}

// "1) " or "a) ": an item whose number is worth keeping.
bool is_numbered_item(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && at < 3 && is_digit(line[at])) ++at;
  if (at == 0 && !line.empty() && is_lower(line[0])) at = 1;
  return at > 0 && at + 1 < line.size() && line[at] == ')' && line[at + 1] == ' ';
}

// Depth of "3", "3.", "3.1" or "3.1.4" before a capital; 0 if the line is not numbered so.
int numbering(std::string_view line) {
  int depth = 0;
  std::size_t at = 0;
  while (at < line.size() && is_digit(line[at]) && depth < 4) {
    std::size_t digits = 0;
    while (at < line.size() && is_digit(line[at])) ++at, ++digits;
    if (digits > 2) return 0;
    ++depth;
    if (at < line.size() && line[at] == '.') ++at;
  }
  if (depth == 0 || at + 1 >= line.size() || (line[at] != ' ' && line[at] != '\t')) return 0;
  const std::size_t word = line.find_first_not_of(" \t", at);
  return word != std::string_view::npos && !is_lower(line[word]) && !is_digit(line[word]) ? depth
                                                                                          : 0;
}

bool is_shouted(std::string_view line) {
  std::size_t upper = 0;
  for (const char c : line) {
    if (is_lower(c)) return false;
    upper += is_upper(c);
  }
  return upper >= 4;
}

bool is_underline(std::string_view line) {
  return line.size() >= 3 && (line.find_first_not_of('=') == std::string_view::npos ||
                              line.find_first_not_of('-') == std::string_view::npos);
}

// Level of a line that stands alone (or is underlined), 0 if it reads like text.
int heading_level(std::string_view line) {
  if (line.size() > kHeadingBytes || line.size() < 3) return 0;
  if (std::string_view(".,;!").find(line.back()) != std::string_view::npos) return 0;
  if (const int depth = numbering(line)) return depth;
  if (is_shouted(line)) return 1;
  const char first = line.front();
  const bool titled = is_upper(first) || static_cast<unsigned char>(first) >= 0xC3;
  return titled && line.size() <= 70 ? 2 : 0;
}

class Reader {
 public:
  explicit Reader(BlockWriter& out) : out_(out) {}

  void line(std::string_view raw) {
    std::string_view text = trimmed(raw);
    if (text.empty()) return flush(true);
    if (is_underline(text) && lines_ == 1) {
      out_.add(BlockKind::heading, paragraph_, text.front() == '=' ? 1 : 2);
      return reset();
    }
    if (const std::size_t mark = bullet(text); mark > 0 || is_numbered_item(text)) {
      flush(false);
      item_ = true;
      text.remove_prefix(mark);
    } else if (lines_ == 0 && numbering(text) > 0 && heading_level(text) > 0) {
      out_.add(BlockKind::heading, text, numbering(text));
      return;
    }
    append(text);
  }

  // `alone`: an empty line follows, so a single short line may be a heading.
  void flush(bool alone) {
    if (lines_ == 0) return;
    const int level = alone && lines_ == 1 && !item_ ? heading_level(paragraph_) : 0;
    if (level > 0) {
      out_.add(BlockKind::heading, paragraph_, level);
    } else {
      out_.add(item_ ? BlockKind::list_item : BlockKind::paragraph, paragraph_);
    }
    reset();
  }

 private:
  void append(std::string_view text) {
    // A word broken at the end of a line is whole again.
    if (paragraph_.size() > 2 && paragraph_.back() == '-' && is_lower(text.front()) &&
        is_lower(paragraph_[paragraph_.size() - 2])) {
      paragraph_.pop_back();
    } else if (!paragraph_.empty()) {
      paragraph_ += ' ';
    }
    paragraph_ += text;
    ++lines_;
  }
  void reset() {
    paragraph_.clear();
    lines_ = 0;
    item_ = false;
  }

  BlockWriter& out_;
  std::string paragraph_;
  std::size_t lines_ = 0;
  bool item_ = false;
};

}  // namespace

ExtractedText structure_of_text(std::string_view text, const ExtractionLimits& limits) {
  BlockWriter out(limits);
  Reader reader(out);
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n\f");
    reader.line(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  reader.flush(true);
  ExtractedText result = out.take();
  // Nothing but headings: a list of short lines, not an outline.
  bool any_text = false;
  for (const Block& block : result.blocks) any_text |= block.kind != BlockKind::heading;
  if (!any_text) {
    for (Block& block : result.blocks) block = {BlockKind::paragraph, 0, std::move(block.text)};
  }
  return result;
}

ExtractedText extract_plain_text(std::string_view bytes, const ExtractionLimits& limits) {
  if (bytes.size() > 2 * limits.text_bytes) {
    throw ExtractionError("The text file is too large to be indexed as one: split it.");
  }
  const auto text = decode_text(bytes);
  if (!text) throw ExtractionError("The file is not text: it holds bytes that no text has.");
  return structure_of_text(*text, limits);
}

}  // namespace knowledge
