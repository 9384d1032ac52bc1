#include "html_text.hpp"

#include <cstring>
#include <initializer_list>
#include <memory>

#include <libxml/HTMLparser.h>

namespace inbound {
namespace {

constexpr std::size_t kLargestPage = 4U << 20;  // bytes; its tree takes some twenty times as much
constexpr std::size_t kLongestText = 1U << 20;

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};

bool one_of(const char* name, std::initializer_list<const char*> names) {
  for (const char* candidate : names) {
    if (std::strcmp(name, candidate) == 0) return true;
  }
  return false;
}

const char* name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

bool attribute_holds(const xmlNode* node, const char* attribute, const char* word) {
  for (const xmlAttr* each = node->properties; each != nullptr; each = each->next) {
    if (std::strcmp(reinterpret_cast<const char*>(each->name), attribute) != 0) continue;
    const xmlNode* text = each->children;
    if (text != nullptr && text->content != nullptr &&
        std::strstr(reinterpret_cast<const char*>(text->content), word) != nullptr) {
      return true;
    }
  }
  return false;
}

bool is_quoted(const xmlNode* node) {
  if (one_of(name_of(node), {"blockquote"})) return true;
  return one_of(name_of(node), {"div"}) && (attribute_holds(node, "class", "gmail_quote") ||
                                            attribute_holds(node, "class", "moz-cite-prefix") ||
                                            attribute_holds(node, "class", "yahoo_quoted"));
}

// Hidden text is for spam filters and previews, not for readers.
bool is_silent(const xmlNode* node) {
  return one_of(name_of(node), {"script", "style", "noscript", "template", "svg", "head", "object",
                                "iframe", "select", "title"}) ||
         attribute_holds(node, "style", "display:none") ||
         attribute_holds(node, "style", "display: none");
}

bool is_block(const char* name) {
  return one_of(name, {"p",  "div", "section", "article", "header", "footer", "ul",     "ol", "dl",
                       "dd", "dt",  "li",      "pre",     "table",  "tr",     "hr",     "h1", "h2",
                       "h3", "h4",  "h5",      "h6",      "body",   "center", "address"});
}

class Writer {
 public:
  void text(std::string_view content) {
    for (const char byte : content) {
      if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        space_ = true;
        continue;
      }
      if (space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
      space_ = false;
      out_ += byte;
    }
  }
  void line() {
    space_ = false;
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  void block() {
    if (!out_.empty() && out_.back() != '\n') line();
  }
  void cell() {
    if (!out_.empty() && out_.back() != '\n') out_ += " | ";
    space_ = false;
  }
  bool full() const { return out_.size() > kLongestText; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  bool space_ = false;
};

// Without recursion: how deep the tree is, the sender chooses.
class Walker {
 public:
  std::string walk(const xmlNode* root) {
    const xmlNode* node = root;
    while (node != nullptr && !out_.full()) {
      if (enter(node) && node->children != nullptr) {
        node = node->children;
        continue;
      }
      leave(node);
      while (node->next == nullptr) {
        node = node->parent;
        if (node == nullptr || node->type != XML_ELEMENT_NODE) return out_.take();
        leave(node);
      }
      node = node->next;
    }
    return out_.take();
  }

 private:
  bool enter(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      if (node->content != nullptr) out_.text(reinterpret_cast<const char*>(node->content));
      return false;
    }
    if (node->type != XML_ELEMENT_NODE || is_silent(node) || is_quoted(node)) return false;
    const char* name = name_of(node);
    if (one_of(name, {"br"})) {
      out_.line();
    } else if (one_of(name, {"td", "th"})) {
      out_.cell();
    } else if (is_block(name)) {
      out_.block();
    }
    return true;
  }

  void leave(const xmlNode* node) {
    if (node->type != XML_ELEMENT_NODE) return;
    const char* name = name_of(node);
    if (one_of(name, {"p"})) {
      out_.block();
      out_.line();  // an empty line, as the reader sees it
    } else if (is_block(name)) {
      out_.block();
    }
  }

  Writer out_;
};

}  // namespace

std::string html_to_text(std::string_view html) {
  html = html.substr(0, kLargestPage);
  if (html.empty()) return {};
  const std::unique_ptr<xmlDoc, FreeDocument> document(htmlReadMemory(
      html.data(), static_cast<int>(html.size()), nullptr, "UTF-8",
      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET));
  if (!document) return {};
  const xmlNode* root = xmlDocGetRootElement(document.get());
  return root == nullptr ? std::string() : Walker().walk(root);
}

}  // namespace inbound
