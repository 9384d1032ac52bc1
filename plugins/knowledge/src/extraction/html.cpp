// HTML to blocks, by libxml2's forgiving reader. Scripts, styles and forms' contents are no text.
// Fetches nothing.
#include <cstring>
#include <memory>

#include <libxml/HTMLparser.h>

#include "block_writer.hpp"
#include "encoding.hpp"
#include "extract.hpp"

namespace knowledge {
namespace {

constexpr std::size_t kLargestPage = 8U << 20;  // bytes: its tree takes some twenty times as much

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};

bool one_of(const char* name, std::initializer_list<const char*> names) {
  for (const char* candidate : names) {
    if (std::strcmp(name, candidate) == 0) return true;
  }
  return false;
}

bool is_silent(const char* name) {
  return one_of(name, {"script", "style", "noscript", "template", "svg", "math", "head", "select",
                       "button", "iframe", "object"});
}

bool is_block(const char* name) {
  return one_of(
      name,
      {"p",     "div",      "section", "article", "main",    "header",  "footer",     "aside",
       "nav",   "ul",       "ol",      "dl",      "dd",      "dt",      "blockquote", "pre",
       "table", "thead",    "tbody",   "tfoot",   "caption", "figure",  "figcaption", "address",
       "form",  "fieldset", "hr",      "body",    "html",    "details", "summary"});
}

// 1 to 6 for h1 to h6, else 0.
int heading_level(const char* name) {
  return name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0' ? name[1] - '0' : 0;
}

const char* name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

// Walks the tree without recursion: its depth is the page's choice, not ours.
class Walker {
 public:
  explicit Walker(BlockWriter& out) : out_(out) {}

  void walk(const xmlNode* root) {
    const xmlNode* node = root;
    while (node != nullptr) {
      const bool descend = enter(node);
      if (descend && node->children != nullptr) {
        node = node->children;
        continue;
      }
      leave(node);
      while (node->next == nullptr || node == root) {
        if (node == root || node->parent == nullptr) return flush();
        node = node->parent;
        leave(node);
        if (node == root) return flush();
      }
      node = node->next;
    }
  }

 private:
  bool enter(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      if (node->content != nullptr) text_ += reinterpret_cast<const char*>(node->content);
      return false;
    }
    if (node->type != XML_ELEMENT_NODE) return node->type == XML_HTML_DOCUMENT_NODE;
    const char* name = name_of(node);
    if (std::strcmp(name, "title") == 0 || is_silent(name)) return false;
    if (std::strcmp(name, "br") == 0) text_ += ' ';
    if (std::strcmp(name, "table") == 0) flush(), table_start_ = true;
    if (std::strcmp(name, "tr") == 0) flush(), kind_ = BlockKind::table_row;
    if (kind_ == BlockKind::table_row) {
      if (one_of(name, {"td", "th"}) && text_.find_first_not_of(" \n\t\r|") != std::string::npos) {
        text_ += " | ";
      }
      return true;
    }
    if (const int level = heading_level(name)) {
      flush();
      kind_ = BlockKind::heading;
      level_ = level;
    } else if (std::strcmp(name, "li") == 0) {
      flush();
      kind_ = BlockKind::list_item;
    } else if (is_block(name) && !(kind_ == BlockKind::list_item && std::strcmp(name, "p") == 0)) {
      flush();
    }
    return true;
  }

  void leave(const xmlNode* node) {
    if (node->type != XML_ELEMENT_NODE) return;
    const char* name = name_of(node);
    if (kind_ == BlockKind::table_row) {
      if (one_of(name, {"tr", "table"})) flush();
      return;
    }
    if (heading_level(name) > 0 || std::strcmp(name, "li") == 0 || is_block(name)) flush();
  }

  void flush() {
    const bool row = kind_ == BlockKind::table_row;
    const bool filled = text_.find_first_not_of(" \n\t\r|") != std::string::npos;
    if (filled) {
      out_.add(kind_, text_, level_, row && table_start_);
      if (row) table_start_ = false;
    }
    text_.clear();
    kind_ = BlockKind::paragraph;
    level_ = 0;
  }

  BlockWriter& out_;
  std::string text_;
  BlockKind kind_ = BlockKind::paragraph;
  int level_ = 0;
  bool table_start_ = false;
};

std::string title_of(const xmlNode* root) {
  for (const xmlNode* part = root; part != nullptr; part = part->next) {
    if (part->type != XML_ELEMENT_NODE || std::strcmp(name_of(part), "html") != 0) continue;
    for (const xmlNode* head = part->children; head != nullptr; head = head->next) {
      if (head->type != XML_ELEMENT_NODE || std::strcmp(name_of(head), "head") != 0) continue;
      for (const xmlNode* item = head->children; item != nullptr; item = item->next) {
        if (item->type == XML_ELEMENT_NODE && std::strcmp(name_of(item), "title") == 0 &&
            item->children != nullptr && item->children->content != nullptr) {
          return reinterpret_cast<const char*>(item->children->content);
        }
      }
    }
  }
  return {};
}

}  // namespace

ExtractedText extract_html(std::string_view bytes, const ExtractionLimits& limits) {
  if (bytes.size() > kLargestPage) {
    throw ExtractionError("The HTML page is larger than 8 MiB: split it.");
  }
  const auto text = decode_text(bytes);
  if (!text) throw ExtractionError("The file is not text: it holds bytes that no text has.");
  const std::unique_ptr<xmlDoc, FreeDocument> document(htmlReadMemory(
      text->data(), static_cast<int>(text->size()), nullptr, "UTF-8",
      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET));
  BlockWriter out(limits);
  if (!document) return out.take();
  for (const xmlNode* node = document->children; node != nullptr; node = node->next) {
    Walker(out).walk(node);
  }
  out.set_title(title_of(document->children));
  return out.take();
}

}  // namespace knowledge
