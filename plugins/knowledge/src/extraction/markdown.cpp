// Markdown to blocks: headings, lists, tables, fenced code; emphasis and link targets are dropped.
// Not a full parser: what it does not know stays as text.
#include "block_writer.hpp"
#include "encoding.hpp"
#include "extract.hpp"

namespace knowledge {
namespace {

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

// "[text](target)" and "![text](target)" become "text"; runs of * _ ` around words go.
std::string without_marks(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() &&
        std::string_view("\\`*_{}[]()#+-.!|").find(text[i + 1]) != std::string_view::npos) {
      out += text[++i];
    } else if (c == '*' || c == '`') {
      continue;
    } else if (c == '_' && (i == 0 || i + 1 == text.size() || text[i - 1] == ' ' ||
                            text[i + 1] == ' ' || text[i - 1] == '_' || text[i + 1] == '_')) {
      continue;
    } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '[') {
      continue;
    } else if (c == '[') {
      // Looked for within bounds: a file of brackets that never close would take for ever.
      const std::size_t end = text.substr(0, i + 502).find("](", i);
      const std::size_t close =
          end == std::string_view::npos ? end : text.substr(0, end + 4000).find(')', end);
      if (close == std::string_view::npos) {
        out += c;
      } else {
        out += text.substr(i + 1, end - i - 1);
        i = close;
      }
    } else {
      out += c;
    }
  }
  return out;
}

bool is_rule(std::string_view line) {
  return line.size() >= 3 && (line.find_first_not_of("- ") == std::string_view::npos ||
                              line.find_first_not_of("* ") == std::string_view::npos ||
                              line.find_first_not_of("= ") == std::string_view::npos);
}

bool is_table_rule(std::string_view line) {
  return line.find('-') != std::string_view::npos && line.find('|') != std::string_view::npos &&
         line.find_first_not_of("|-: \t") == std::string_view::npos;
}

// "| a | b |" to "a | b".
std::string table_row(std::string_view line) {
  if (line.starts_with('|')) line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  return without_marks(line);
}

// Length of a list marker with its space, 0 if there is none.
std::size_t item_marker(std::string_view line) {
  if (line.size() > 2 && (line[0] == '-' || line[0] == '*' || line[0] == '+') && line[1] == ' ') {
    return 2;
  }
  std::size_t at = 0;
  while (at < line.size() && at < 4 && line[at] >= '0' && line[at] <= '9') ++at;
  const bool marked =
      at > 0 && at + 1 < line.size() && (line[at] == '.' || line[at] == ')') && line[at + 1] == ' ';
  return marked ? at + 2 : 0;
}

class Reader {
 public:
  explicit Reader(BlockWriter& out) : out_(out) {}

  void line(std::string_view raw) {
    const std::string_view text = trimmed(raw);
    if (text.starts_with("```") || text.starts_with("~~~")) {
      flush();
      fenced_ = !fenced_;
    } else if (fenced_) {
      append(text);
    } else if (text.empty()) {
      flush();
      in_table_ = false;
    } else if (text.front() == '#' && heading(text)) {
      return;
    } else if (is_rule(text)) {
      rule(text);
    } else if (text.front() == '|') {
      row(text);
    } else if (const std::size_t marker = item_marker(text)) {
      flush();
      kind_ = BlockKind::list_item;
      append(text.substr(marker));
    } else {
      append(text.front() == '>' ? trimmed(text.substr(1)) : text);
    }
  }

  void flush() {
    out_.add(kind_, without_marks(paragraph_));
    paragraph_.clear();
    kind_ = BlockKind::paragraph;
  }

 private:
  bool heading(std::string_view text) {
    const std::size_t level = text.find_first_not_of('#');
    if (level == std::string_view::npos || level > 6 || text[level] != ' ') return false;
    flush();
    const std::size_t end = text.find_last_not_of("# ");
    add_heading(text.substr(level, end - level + 1), static_cast<int>(level));
    return true;
  }
  // A line under a paragraph makes it a heading; alone it is a rule.
  void rule(std::string_view text) {
    if (!paragraph_.empty() && text.front() != '*' && kind_ == BlockKind::paragraph) {
      add_heading(paragraph_, text.front() == '=' ? 1 : 2);
      paragraph_.clear();
    } else {
      flush();
    }
  }
  void add_heading(std::string_view text, int level) {
    const std::string plain = without_marks(text);
    if (level == 1 && out_.title().empty()) out_.set_title(plain);
    out_.add(BlockKind::heading, plain, level);
  }
  void row(std::string_view text) {
    flush();
    if (is_table_rule(text)) return;
    out_.add(BlockKind::table_row, table_row(text), 0, !in_table_);
    in_table_ = true;
  }
  void append(std::string_view text) {
    if (!paragraph_.empty()) paragraph_ += ' ';
    paragraph_ += text;
  }

  BlockWriter& out_;
  std::string paragraph_;
  BlockKind kind_ = BlockKind::paragraph;
  bool fenced_ = false;
  bool in_table_ = false;
};

}  // namespace

ExtractedText extract_markdown(std::string_view bytes, const ExtractionLimits& limits) {
  if (bytes.size() > 2 * limits.text_bytes) {
    throw ExtractionError("The text file is too large to be indexed as one: split it.");
  }
  const auto text = decode_text(bytes);
  if (!text) throw ExtractionError("The file is not text: it holds bytes that no text has.");
  BlockWriter out(limits);
  Reader reader(out);
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    reader.line(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  reader.flush();
  return out.take();
}

}  // namespace knowledge
