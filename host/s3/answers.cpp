// S3's XML; see the header.
#include "s3/answers.hpp"

#include <charconv>
#include <memory>

#include <libxml/parser.h>
#include <libxml/tree.h>

namespace host::s3 {
namespace {

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// Null if it is not well-formed, or has a DTD: S3 sends none, and one could define entities.
Document parse(std::string_view xml) {
  constexpr int kOptions =
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
  Document document(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, kOptions));
  if (document && document->intSubset) document.reset();
  return document;
}

Document parse_as(std::string_view xml, std::string_view root) {
  Document document = parse(xml);
  const xmlNode* top = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (!top || view(top->name) != root)
    throw BadAnswer("expected <" + std::string(root) + "> and got something else");
  return document;
}

std::string content(const xmlNode* node) {
  std::string out;
  for (const xmlNode* child = node->children; child; child = child->next) {
    if (child->type == XML_TEXT_NODE) out += view(child->content);
  }
  return out;
}

template <class Visit>
void each_child(const xmlNode* node, Visit visit) {
  for (const xmlNode* child = node->children; child; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) visit(view(child->name), child);
  }
}

std::string child_text(const xmlNode* node, std::string_view wanted) {
  std::string out;
  each_child(node, [&](std::string_view name, const xmlNode* child) {
    if (name == wanted) out = content(child);
  });
  return out;
}

ErrorAnswer error_of(const xmlNode* root) {
  return {child_text(root, "Code"), child_text(root, "Message")};
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw BadAnswer("a size is not a number");
  return value;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

ErrorAnswer read_error(std::string_view xml) noexcept {
  try {
    const Document document = parse(xml);
    const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root && view(root->name) == "Error") return error_of(root);
  } catch (const std::exception&) {
    return {};
  }
  return {};
}

ObjectPage read_objects(std::string_view xml) {
  const Document document = parse_as(xml, "ListBucketResult");
  ObjectPage page;
  bool more = false;
  each_child(xmlDocGetRootElement(document.get()), [&](std::string_view name, const xmlNode* node) {
    if (name == "Contents")
      page.objects.push_back({child_text(node, "Key"), number(child_text(node, "Size"))});
    else if (name == "IsTruncated")
      more = content(node) == "true";
    else if (name == "NextContinuationToken")
      page.next = content(node);
  });
  if (!more) page.next.clear();
  if (more && page.next.empty()) throw BadAnswer("a list goes on, but does not say where");
  return page;
}

UploadPage read_uploads(std::string_view xml) {
  const Document document = parse_as(xml, "ListMultipartUploadsResult");
  UploadPage page;
  bool more = false;
  each_child(xmlDocGetRootElement(document.get()), [&](std::string_view name, const xmlNode* node) {
    if (name == "Upload")
      page.uploads.push_back({child_text(node, "Key"), child_text(node, "UploadId")});
    else if (name == "IsTruncated")
      more = content(node) == "true";
    else if (name == "NextKeyMarker")
      page.next_key = content(node);
    else if (name == "NextUploadIdMarker")
      page.next_id = content(node);
  });
  if (!more) page.next_key.clear(), page.next_id.clear();
  if (more && page.next_key.empty()) throw BadAnswer("a list goes on, but does not say where");
  return page;
}

std::string read_upload_id(std::string_view xml) {
  const Document document = parse_as(xml, "InitiateMultipartUploadResult");
  std::string id = child_text(xmlDocGetRootElement(document.get()), "UploadId");
  if (id.empty()) throw BadAnswer("an upload has no id");
  return id;
}

ErrorAnswer read_completed(std::string_view xml) {
  const Document document = parse(xml);
  const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (root && view(root->name) == "Error") return error_of(root);
  if (!root || view(root->name) != "CompleteMultipartUploadResult")
    throw BadAnswer("expected <CompleteMultipartUploadResult> and got something else");
  return {};
}

std::string parts_document(const std::vector<std::string>& etags) {
  std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    out += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
           escaped(etags[i]) + "</ETag></Part>";
  }
  return out + "</CompleteMultipartUpload>";
}

}  // namespace host::s3
