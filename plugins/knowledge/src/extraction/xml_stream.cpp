// See xml_stream.hpp.
#include "xml_stream.hpp"

#include <exception>

#include <libxml/xmlreader.h>

namespace knowledge {
namespace {

constexpr int kDeepest = 200;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

constexpr const char* kTooDeep = "The file nests its contents too deeply: it is refused.";

}  // namespace

int XmlStream::read_entry(void* self, char* buffer, int size) {
  auto* stream = static_cast<XmlStream*>(self);
  try {
    return static_cast<int>(stream->entry_.read(buffer, static_cast<std::size_t>(size)));
  } catch (const std::exception& error) {
    stream->failure_ = error.what();
    return -1;
  }
}

void XmlStream::note_error(void* self, xmlErrorPtr error) {
  const std::string_view text = error->message == nullptr ? "" : error->message;
  if (text.find("xcessive depth") != std::string_view::npos) {
    static_cast<XmlStream*>(self)->too_deep_ = true;
  }
}

XmlStream::XmlStream(ZipEntry& entry) : entry_(entry) {
  // XML_PARSE_HUGE is left out on purpose: libxml2's own limits hold.
  reader_ = xmlReaderForIO(read_entry, nullptr, this, nullptr, nullptr,
                           XML_PARSE_NONET | XML_PARSE_COMPACT);
  if (reader_ == nullptr) throw ExtractionError("The file is damaged: its XML cannot be read.");
  xmlTextReaderSetStructuredErrorHandler(reader_, note_error, this);
}

XmlStream::~XmlStream() { xmlFreeTextReader(reader_); }

bool XmlStream::next() {
  const int result = xmlTextReaderRead(reader_);
  if (!failure_.empty()) throw ExtractionError(failure_);
  if (too_deep_) throw ExtractionError(kTooDeep);
  if (result < 0) throw ExtractionError("The file is damaged: its XML is broken.");
  if (result == 0) return false;
  if (xmlTextReaderDepth(reader_) > kDeepest) throw ExtractionError(kTooDeep);
  switch (xmlTextReaderNodeType(reader_)) {
    case XML_READER_TYPE_ELEMENT:
      kind_ = XmlNode::start;
      break;
    case XML_READER_TYPE_END_ELEMENT:
      kind_ = XmlNode::end;
      break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
      kind_ = XmlNode::text;
      break;
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
    case XML_READER_TYPE_ENTITY:
      throw ExtractionError("The file declares entities of its own: it is refused.");
    default:
      kind_ = XmlNode::other;
  }
  return true;
}

std::string_view XmlStream::name() const { return view(xmlTextReaderConstLocalName(reader_)); }
bool XmlStream::is_empty() const { return xmlTextReaderIsEmptyElement(reader_) == 1; }
std::string_view XmlStream::text() const { return view(xmlTextReaderConstValue(reader_)); }

std::string XmlStream::attribute(std::string_view name) {
  std::string value;
  while (xmlTextReaderMoveToNextAttribute(reader_) == 1) {
    if (view(xmlTextReaderConstLocalName(reader_)) == name) {
      value = view(xmlTextReaderConstValue(reader_));
      break;
    }
  }
  xmlTextReaderMoveToElement(reader_);
  return value;
}

void XmlStream::skip() {
  if (kind_ != XmlNode::start || is_empty()) return;
  const int depth = xmlTextReaderDepth(reader_);
  while (next()) {
    if (kind_ == XmlNode::end && xmlTextReaderDepth(reader_) == depth) return;
  }
}

}  // namespace knowledge
